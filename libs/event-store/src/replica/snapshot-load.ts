// Reads the whole snapshot bucket. A bucket that is missing or empty is an empty snapshot.
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { DeliverPolicy, JetStreamApiCodes, JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { KeyString } from './replica.ts';
import type { SnapshotValue, Watermark } from './snapshot-format.ts';
import { decodeSnapshotValue, decodeWatermark, watermarkKey } from './snapshot-format.ts';

export interface Snapshot {
  readonly watermark: Watermark;
  readonly values: ReadonlyMap<KeyString, SnapshotValue>;
}

const emptySnapshot: Snapshot = { watermark: { seq: 0, hash: '' }, values: new Map() };

/** How long a bucket may take to deliver its next values before the load is given up. */
const stalledMs = 10_000;

/** The bucket's stream is there but does not deliver: try again. */
class SnapshotStalledError extends Error {
  override readonly name = 'SnapshotStalledError';
}

/**
 * The values of `bucket`. They may be newer than the watermark, never older: the watermark is read first, and the
 * values are read until its entry comes by, which was written after them. A value that is replaced while they are read
 * may be missing: what replaces it is of an event after the watermark, and who follows from there reads the rest by index.
 * @throws SnapshotStalledError, or what the client throws when the server is away
 */
export async function loadSnapshot(nc: NatsConnection, bucket: string): Promise<Snapshot> {
  const stream = `KV_${bucket}`;
  const root = `$KV.${bucket}.`;
  try {
    const jsm = await jetstreamManager(nc, { checkAPI: false });
    const entry = await jsm.streams.getMessage(stream, { last_by_subj: `${root}${watermarkKey}` });
    const watermark = entry === null ? undefined : decodeWatermark(entry.string());
    if (entry === null || watermark === undefined) return emptySnapshot;
    const consumer = await jetstream(nc).consumers.get(stream, {
      deliver_policy: DeliverPolicy.All,
      inactive_threshold: 30_000,
    });
    const messages = await consumer.consume({ max_messages: 500, expires: 5000, abort_on_missing_resource: true });
    try {
      return { watermark, values: await collect(messages, root, entry.seq) };
    } finally {
      await messages.close();
    }
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return emptySnapshot;
    throw error;
  }
}

async function collect(
  messages: ConsumerMessages,
  root: string,
  watermarkRevision: number,
): Promise<Map<KeyString, SnapshotValue>> {
  const values = new Map<KeyString, SnapshotValue>();
  const giveUp = setTimeout(() => messages.stop(), stalledMs);
  try {
    for await (const message of messages) {
      giveUp.refresh();
      take(values, message, message.subject.slice(root.length));
      if (message.seq >= watermarkRevision && message.info.pending === 0) return values;
    }
  } finally {
    clearTimeout(giveUp);
  }
  throw new SnapshotStalledError('the snapshot bucket stopped delivering');
}

function take(values: Map<KeyString, SnapshotValue>, message: JsMsg, key: string): void {
  if (key === watermarkKey) return;
  // Markers of removed keys have no body and no meaning here.
  const value = message.data.byteLength === 0 ? undefined : decodeSnapshotValue(message.string());
  if (value === undefined) values.delete(key);
  else values.set(key, value);
}
