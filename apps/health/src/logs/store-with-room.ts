// Stores an archive, and makes room for it when the bucket is full: the oldest archives go first.
import type { ArchivedLog, ArchiveStore } from './archive-store.ts';
import { ArchiveStoreFullError } from './archive-store.ts';
import { planRoom } from './retention.ts';

export interface RoomDeps {
  readonly store: Pick<ArchiveStore, 'store' | 'list' | 'remove'>;
  /** An archive was removed for a newer one. */
  readonly onEvicted: (name: string) => void;
}

/** Others fill the bucket meanwhile, and take part in making room. */
const roundsMax = 3;

/** @throws ArchiveStoreFullError when there is no room to be made, and what else the store throws. */
export async function storeWithRoom(
  deps: RoomDeps,
  name: string,
  pieces: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<ArchivedLog> {
  for (let round = 1; ; round += 1) {
    try {
      return await deps.store.store(name, pieces);
    } catch (error) {
      if (!(error instanceof ArchiveStoreFullError) || round > roundsMax) throw error;
      signal.throwIfAborted();
      if (!(await makeRoom(deps, error, round))) throw error;
    }
  }
}

/** Messages take more than their bytes: each round asks for more. */
async function makeRoom({ store, onEvicted }: RoomDeps, full: ArchiveStoreFullError, round: number): Promise<boolean> {
  if (full.neededBytes > full.capacityBytes) return false;
  const names = planRoom(await store.list(), full.neededBytes * round);
  for (const name of names) {
    await store.remove(name);
    onEvicted(name);
  }
  return names.length > 0;
}
