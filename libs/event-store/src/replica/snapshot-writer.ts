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

/** Writes in the background until it is closed. */
export function createSnapshotWriter<State>(options: SnapshotWriterOptions<State>): SnapshotWriter {
  return new Writer(options);
}

type Change = Pick<SnapshotPlace, 'version' | 'seq'>;

class Writer<State> implements SnapshotWriter {
  readonly #options: SnapshotWriterOptions<State>;
  readonly #unsubscribe: () => void;
  /** What changed since `#base`. */
  #changed = new Map<KeyString, Change>();
  /** The newest event that is in `#changed`. */
  #newest: Watermark = { seq: 0, hash: '' };
  /** The bucket holds all up to here; undefined before the first round. */
  #base: number | undefined;
  #tombstones: Map<KeyString, SnapshotPlace> | undefined;
  #bucket: Promise<Bucket> | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SnapshotWriterOptions<State>) {
    this.#options = options;
    this.#unsubscribe = options.replica.subscribe((key, _folded, event) => this.#onApplied(key, event));
  }

  get watermarkSeq(): number {
    return this.#base ?? this.#options.replica.startedFrom.seq;
  }

  get changes(): number {
    return this.#changed.size;
  }

  readonly flush = (): Promise<void> => {
    this.#flushing = this.#flushing.catch(() => {}).then(() => this.#writeChanges());
    return this.#flushing;
  };

  readonly close = async (): Promise<void> => {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    const { nc, replica, onTrouble } = this.#options;
    const last = replica.isCaughtUp && !nc.isClosed() ? this.flush() : this.#flushing;
    await last.catch((error: unknown) => onTrouble?.(error));
  };

  #onApplied(key: KeyString, event: RecordedEvent): void {
    this.#changed.set(key, { version: event.version, seq: event.seq });
    this.#newest = { seq: event.seq, hash: event.hash };
    if (this.#changed.size === (this.#options.changesMax ?? 500) && this.#failures === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#flushLater(0);
    } else this.#flushLater(this.#pauseMs());
  }

  #flushLater(ms: number): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#flushAndContinue();
    }, ms);
    this.#timer.unref();
  }

  async #flushAndContinue(): Promise<void> {
    const { replica, onTrouble } = this.#options;
    try {
      await replica.caughtUp;
      await this.flush();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      if (replica.failure === undefined) onTrouble?.(error);
    }
    if (this.#changed.size > 0 && replica.failure === undefined) this.#flushLater(this.#pauseMs());
  }

  /** Writers of several processes drift apart, so that mostly one finds something left to write. */
  #pauseMs(): number {
    return Math.min((this.#options.delayMs ?? 1000) * 2 ** this.#failures, pauseMsMax) * (1 + Math.random() / 2);
  }

  async #writeChanges(): Promise<void> {
    const { nc, replica, now = () => new Date() } = this.#options;
    if (this.#changed.size === 0 || replica.failure !== undefined) return;
    this.#bucket ??= openBucket(nc, this.#options.bucket);
    const tombstones = (this.#tombstones ??= new Map(replica.startedFrom.gone));
    // Taken in one turn, so that the values hold every event up to the watermark.
    const [taken, watermark] = [this.#changed, this.#newest];
    this.#changed = new Map();
    const values = new Map([...taken].map(([key, change]) => [key, this.#valueOf(key, change)]));
    try {
      const bucket = await this.#bucket;
      const everything = (): Map<KeyString, SnapshotValue> => this.#everything(tombstones);
      const round = await writeRound({ bucket, values, watermark, base: this.watermarkSeq, everything });
      this.#base = round.watermarkSeq;
      for (const [key, value] of values) {
        if (value.kind === 'gone') tombstones.set(key, value);
        else tombstones.delete(key);
      }
      await removeOldTombstones({ bucket, tombstones, watermarkSeq: round.watermarkSeq, now });
    } catch (error) {
      // What has changed again since keeps its newer place.
      this.#changed = new Map([...taken, ...this.#changed]);
      throw error;
    }
  }

  #valueOf(key: KeyString, change: Change): SnapshotValue {
    const at = (this.#options.now?.() ?? new Date()).toISOString();
    return snapshotValue({ ...change, at }, this.#options.replica.get(key));
  }

  /** All that a new bucket must hold: live objects, and the ones whose tombstones are still needed. */
  #everything(tombstones: ReadonlyMap<KeyString, SnapshotPlace>): Map<KeyString, SnapshotValue> {
    const values = new Map<KeyString, SnapshotValue>();
    for (const [key, place] of tombstones) values.set(key, { kind: 'gone', ...place });
    for (const [key, folded] of this.#options.replica.entries()) values.set(key, this.#valueOf(key, folded));
    return values;
  }
}
