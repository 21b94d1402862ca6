// Keeps the snapshot bucket up to date from a replica: values first, then the watermark that vouches for them.
// Two writers at once, and a writer killed anywhere, leave a bucket that is right, if older. When to write is
// decided here; how one round is written is in write-round.ts.
import type { NatsConnection } from '@nats-io/nats-core';
import type { RecordedEvent } from '../port.ts';
import type { Bucket } from './bucket.ts';
import { openBucket } from './bucket.ts';
import { removeOldTombstones } from './remove-tombstones.ts';
import type { KeyString, Replica } from './replica.ts';
import type { SnapshotPlace, SnapshotValue, Watermark } from './snapshot-format.ts';
import { snapshotValue } from './snapshot-format.ts';
import { writeRound } from './write-round.ts';

export interface SnapshotWriterOptions<State> {
  readonly nc: NatsConnection;
  readonly bucket: string;
  /** Must have been created in the same turn of the event loop: the writer has to see every event it applies. */
  readonly replica: Replica<State>;
  /** How long changes are gathered before they are written; 1 s by default. */
  readonly delayMs?: number;
  /** So many changed objects are written without waiting; 500 by default. */
  readonly changesMax?: number;
  /** A round failed; it is tried again. The bucket is a cache, so nothing else suffers. */
  readonly onTrouble?: (error: unknown) => void;
  readonly now?: () => Date;
}

export interface SnapshotWriter {
  /** The watermark as this writer last wrote or found it. */
  readonly watermarkSeq: number;
  /** Objects that changed and are not written yet. */
  readonly changes: number;
  /** Writes now what has changed. @throws what the client throws; the changes are then kept. */
  readonly flush: () => Promise<void>;
  /** Writes a last time if it can, and ends. */
  readonly close: () => Promise<void>;
}

const pauseMsMax = 30_000;

export function createSnapshotWriter<State>(options: SnapshotWriterOptions<State>): SnapshotWriter {
  const { nc, bucket: bucketName, replica, delayMs = 1000, changesMax = 500, now = () => new Date() } = options;
  let changed = new Map<KeyString, Pick<RecordedEvent, 'version' | 'seq'>>();
  let newest: Watermark = { seq: 0, hash: '' };
  /** The bucket holds all up to here, and `changed` holds all that changed since. */
  let base: number | undefined;
  let tombstones: Map<KeyString, SnapshotPlace> | undefined;
  let bucket: Promise<Bucket> | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();
  let closed = false;

  const valueOf = (key: KeyString, place: Pick<SnapshotPlace, 'version' | 'seq'>): SnapshotValue =>
    snapshotValue({ ...place, at: now().toISOString() }, replica.get(key));

  const writeChanges = async (): Promise<void> => {
    if (changed.size === 0 || replica.failure !== undefined) return;
    base ??= replica.startedFrom.seq;
    tombstones ??= new Map(replica.startedFrom.gone);
    bucket ??= openBucket(nc, bucketName);
    // Taken in one turn, so that the values hold every event up to the watermark.
    const [taken, watermark] = [changed, newest];
    changed = new Map();
    const values = new Map([...taken].map(([key, place]) => [key, valueOf(key, place)]));
    try {
      const kept = tombstones;
      const round = await writeRound({
        bucket: await bucket,
        values,
        watermark,
        base,
        everything: () => everything(replica, kept, valueOf),
      });
      base = round.watermarkSeq;
      for (const [key, value] of values) {
        if (value.kind === 'gone') kept.set(key, value);
        else kept.delete(key);
      }
      await removeOldTombstones({ bucket: await bucket, tombstones: kept, watermarkSeq: base, now });
    } catch (error) {
      // What has changed again since keeps its newer place.
      changed = new Map([...taken, ...changed]);
      throw error;
    }
  };

  const flush = (): Promise<void> => {
    flushing = flushing.catch(() => {}).then(writeChanges);
    return flushing;
  };

  const flushLater = (ms: number): void => {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void flushAndContinue();
    }, ms);
    timer.unref();
  };

  const flushAndContinue = async (): Promise<void> => {
    try {
      await replica.caughtUp;
      await flush();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (replica.failure === undefined) options.onTrouble?.(error);
    }
    if (changed.size > 0 && replica.failure === undefined) flushLater(pauseMs());
  };

  // Writers of several processes drift apart, so that mostly one finds something left to write.
  const pauseMs = (): number => Math.min(delayMs * 2 ** failures, pauseMsMax) * (1 + Math.random() / 2);

  const unsubscribe = replica.subscribe((key, _folded, event) => {
    changed.set(key, { version: event.version, seq: event.seq });
    newest = { seq: event.seq, hash: event.hash };
    if (changed.size === changesMax && failures === 0) {
      clearTimeout(timer);
      timer = undefined;
      flushLater(0);
    } else flushLater(pauseMs());
  });

  return {
    get watermarkSeq() {
      return base ?? replica.startedFrom.seq;
    },
    get changes() {
      return changed.size;
    },
    flush,
    close: async () => {
      closed = true;
      unsubscribe();
      clearTimeout(timer);
      if (replica.isCaughtUp && !nc.isClosed()) await flush().catch((error: unknown) => options.onTrouble?.(error));
      else await flushing.catch(() => {});
    },
  };
}

/** All that a new bucket must hold: live objects, and the ones whose tombstones are still needed. */
function everything<State>(
  replica: Replica<State>,
  tombstones: ReadonlyMap<KeyString, SnapshotPlace>,
  valueOf: (key: KeyString, place: Pick<SnapshotPlace, 'version' | 'seq'>) => SnapshotValue,
): Map<KeyString, SnapshotValue> {
  const values = new Map<KeyString, SnapshotValue>();
  for (const [key, place] of tombstones) values.set(key, { kind: 'gone', ...place });
  for (const [key, folded] of replica.entries()) values.set(key, valueOf(key, folded));
  return values;
}
