// Fills a stream with whole histories, encoded as the event store encodes them, faster than appending one by one: a message
// goes out without waiting for its receipt, and every so often one is waited for.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { MsgHdrs, NatsConnection } from '@nats-io/nats-core';
import { headers } from '@nats-io/nats-core';
import type { Topology } from '@pods/contracts';
import { encodeEvent, genesisHash } from '@pods/event-store';
import { tenant } from '../../servers/api-servers.ts';
import { historyOf, toNewEvent } from '../../servers/sample-events.ts';

export interface Filling {
  readonly pods: number;
  readonly eventsPerPod: number;
  readonly onPods: (done: number) => void;
}

/** Messages between two receipts: the server keeps those that it has not stored yet in a queue of limited length. */
const receiptEvery = 1000;

/** Writes version by version over all pods, so that a pod's events lie apart in the stream as they do in life. @throws Error when messages were lost */
export async function fillLog(nc: NatsConnection, names: Topology, filling: Filling): Promise<void> {
  const { pods, eventsPerPod, onPods } = filling;
  const js = jetstream(nc, { timeout: 60_000 });
  let sent = 0;
  // As many pods as live through their events side by side.
  const sideBySide = 1000;
  for (let first = 0; first < pods; first += sideBySide) {
    const histories = Array.from({ length: Math.min(sideBySide, pods - first) }, (_, index) => {
      const podId = podIdOf(first + index);
      return { podId, events: historyOf(podId, eventsPerPod), hash: genesisHash };
    });
    for (let version = 1; version <= eventsPerPod; version += 1) {
      for (const history of histories) {
        const event = history.events[version - 1];
        if (event === undefined) continue;
        const encoded = encodeEvent([tenant, history.podId], version, toNewEvent(event, history.hash));
        history.hash = encoded.hash;
        const subject = names.subjects.podEvent({ tenant, podId: history.podId }, version);
        const message = { headers: toHeaders(encoded.headers) };
        sent += 1;
        if (sent % receiptEvery === 0) await js.publish(subject, encoded.body, message);
        else nc.publish(subject, encoded.body, message);
      }
    }
    onPods(first + histories.length);
  }
  await nc.flush();
  await assertComplete(nc, names, sent);
}

/** The id of the pod with this number. */
function podIdOf(index: number): string {
  return `pod${String(index).padStart(6, '0')}`;
}

function toHeaders(all: readonly (readonly [name: string, value: string])[]): MsgHdrs {
  const own = headers();
  for (const [name, value] of all) own.set(name, value);
  return own;
}

async function assertComplete(nc: NatsConnection, names: Topology, sent: number): Promise<void> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const { state } = await jsm.streams.info(names.streams.podEvents);
  if (state.messages !== sent) throw new Error(`${sent} events were sent, the stream holds ${state.messages}`);
}
