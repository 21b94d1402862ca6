// Tombstones in the snapshot bucket are values only as long as a writer that is behind could bring the object
// back: older ones are removed, unless their key was used again.
import { mapLimited } from '../nats/retry.ts';
import type { Bucket } from './bucket.ts';
import type { KeyString } from './replica.ts';
import type { SnapshotPlace } from './snapshot-format.ts';
import { decodeSnapshotValue } from './snapshot-format.ts';

/** How long a tombstone stays. */
const tombstoneAgeMs = 60 * 60 * 1000;

const removalsAtOnce = 500;

/** Removes what is old enough from the bucket, and from `tombstones`. */
export async function removeOldTombstones({
  bucket,
  tombstones,
  watermarkSeq,
  now,
}: {
  readonly bucket: Bucket;
  readonly tombstones: Map<KeyString, SnapshotPlace>;
  readonly watermarkSeq: number;
  readonly now: () => Date;
}): Promise<void> {
  const isOld = ({ seq, at }: SnapshotPlace): boolean =>
    seq <= watermarkSeq && now().getTime() - Date.parse(at) > tombstoneAgeMs;
  const old = [...tombstones].filter(([, place]) => isOld(place)).slice(0, removalsAtOnce);
  await mapLimited(old, 16, async ([key]) => {
    const { text, revision } = await bucket.get(key, { fresh: true });
    const value = text === undefined ? undefined : decodeSnapshotValue(text);
    if (value?.kind === 'gone' && isOld(value)) await bucket.remove(key, revision);
    tombstones.delete(key);
  });
}
