// One round of writing the snapshot: every value that is newer than the bucket's, then the watermark.
//
// What must hold at any moment: every event up to the watermark is in the values. So a value never goes back to
// a lower version; the watermark is written after the values; and a writer that is behind the watermark writes
// nothing, because an object that it holds may be gone and its tombstone removed. The revision is read before the
// watermark: if the watermark has passed this writer in between, whoever moved it has changed the revision too.
import { mapLimited } from '../nats/retry.ts';
import type { Bucket, BucketEntry } from './bucket.ts';
import type { KeyString } from './replica.ts';
import type { SnapshotValue, Watermark } from './snapshot-format.ts';
import {
  decodeSnapshotValue,
  decodeWatermark,
  encodeSnapshotValue,
  encodeWatermark,
  watermarkKey,
} from './snapshot-format.ts';

export interface Round {
  readonly bucket: Bucket;
  /** What has changed since `base`. */
  readonly values: ReadonlyMap<KeyString, SnapshotValue>;
  /** The newest event that is in `values`. */
  readonly watermark: Watermark;
  readonly base: number;
  /** All values, for a bucket that has lost what it held at `base`. */
  readonly everything: () => ReadonlyMap<KeyString, SnapshotValue>;
}

/** The bucket was replaced during a round, or others write faster than this writer: the round is worth repeating. */
class RoundDisturbedError extends Error {
  override readonly name = 'RoundDisturbedError';
}

const valuesAtOnce = 200;
const requestsInFlightMax = 64;
const attemptsMax = 10;

/** Writes a round. Answers with the watermark that the bucket has afterwards, this writer's or a later one. */
export async function writeRound(round: Round): Promise<{ readonly watermarkSeq: number }> {
  const { bucket, watermark } = round;
  const identity = await bucket.identity();
  const before = await readOrBeginWatermark(bucket);
  const values = before.seq < round.base ? new Map([...round.everything(), ...round.values]) : round.values;
  let left: readonly KeyString[] = [...values.keys()];
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt === attemptsMax) throw new RoundDisturbedError('others keep changing the same values');
    const written = await writeValues(bucket, values, left, { watermark, fresh: attempt > 0 });
    if (written.behind !== undefined) return { watermarkSeq: written.behind };
    left = written.left;
  }
  return { watermarkSeq: await moveWatermark(bucket, watermark, identity) };
}

interface Written {
  /** Keys that somebody else changed at the same time. */
  readonly left: readonly KeyString[];
  /** Set when the bucket's watermark has passed this writer. */
  readonly behind?: number;
}

async function writeValues(
  bucket: Bucket,
  values: ReadonlyMap<KeyString, SnapshotValue>,
  keys: readonly KeyString[],
  { watermark, fresh }: { readonly watermark: Watermark; readonly fresh: boolean },
): Promise<Written> {
  const left: KeyString[] = [];
  for (let start = 0; start < keys.length; start += valuesAtOnce) {
    const entries = await mapLimited(keys.slice(start, start + valuesAtOnce), requestsInFlightMax, async (key) => {
      return { key, entry: await bucket.get(key, { fresh }) };
    });
    const current = await readWatermark(bucket);
    if (current.seq > watermark.seq) return { left: [], behind: current.seq };
    await mapLimited(entries, requestsInFlightMax, async ({ key, entry }) => {
      const value = values.get(key);
      if (value !== undefined && !(await writeValue(bucket, key, value, entry))) left.push(key);
    });
  }
  return { left };
}

/** False when the key was changed since `entry` was read. */
async function writeValue(bucket: Bucket, key: KeyString, value: SnapshotValue, entry: BucketEntry): Promise<boolean> {
  const old = entry.text === undefined ? undefined : decodeSnapshotValue(entry.text);
  if (old !== undefined && old.version > value.version) return true;
  if (old?.version === value.version && (old.kind !== 'unread' || value.kind === 'unread')) return true;
  return bucket.replace(key, entry.revision, encodeSnapshotValue(value));
}

/**
 * Moves the watermark in the bucket that the values were written to. A bucket that replaced it in the meantime has
 * no watermark yet, or one with another revision.
 */
async function moveWatermark(bucket: Bucket, to: Watermark, identity: string): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const current = await readWatermark(bucket);
    if (current.revision === 0 || (await bucket.identity()) !== identity) {
      throw new RoundDisturbedError('the bucket was replaced');
    }
    if (current.seq >= to.seq) return current.seq;
    if (await bucket.replace(watermarkKey, current.revision, encodeWatermark(to))) return to.seq;
  }
  throw new RoundDisturbedError('others keep moving the watermark');
}

/** A new bucket gets a watermark that vouches for nothing, so that there is a revision to hold on to. */
async function readOrBeginWatermark(bucket: Bucket): Promise<Watermark> {
  const found = await readWatermark(bucket);
  if (found.revision > 0) return found;
  await bucket.replace(watermarkKey, 0, encodeWatermark({ seq: 0, hash: '' }));
  return found;
}

async function readWatermark(bucket: Bucket): Promise<Watermark & { readonly revision: number }> {
  const { text, revision } = await bucket.get(watermarkKey, { fresh: true });
  const watermark = text === undefined ? undefined : decodeWatermark(text);
  return { ...(watermark ?? { seq: 0, hash: '' }), revision };
}
