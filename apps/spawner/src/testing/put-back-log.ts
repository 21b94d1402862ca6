// A log as it is after a backup was restored, or a server with nothing on it was taken for the right one.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Topology } from '@pods/contracts';
import { provisionNats, specSizes } from '@pods/provision';

/** Makes the stream of pod events anew with its first messages, up to a sequence (inclusive); 0 for none. */
export async function putBackLog(nc: NatsConnection, names: Topology, lastSeq: number): Promise<void> {
  const stream = names.streams.podEvents;
  const jsm = await jetstreamManager(nc);
  const kept = [];
  for (let seq = 1; seq <= lastSeq; seq += 1) {
    const message = await jsm.streams.getMessage(stream, { seq });
    if (message === null) throw new Error(`${stream} has no message ${seq}`);
    kept.push(message);
  }
  await jsm.streams.delete(stream);
  await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
  const js = jetstream(nc);
  for (const { subject, data, header } of kept) await js.publish(subject, data, { headers: header });
}
