// Keeps a wrong, emptied or put-back log from taking pods with it (architecture.md section 4, rule 5). Pure.
import type { PodState } from '@pods/domain-pods';
import { isLive } from '@pods/domain-pods';
import type { ClusterView } from './cluster-cache.ts';
import { isAheadOf } from './reconcile/pod/plan-parts.ts';
import type { OwnedObject } from './reconcile/pod/snapshot.ts';

export interface OrphanLimits {
  /** So many pods that the log does not account for may be cleaned up at once; 0 for none. */
  readonly podsMax: number;
  /** And they may be at most this share of all pods that have objects. */
  readonly shareMax: number;
}

/**
 * Whether objects that the log does not account for may be removed. An object is made after its run is in the log, so
 * that such a one always means that the log has lost something or is another: only a person can say which is wrong.
 * Beside a log that accounts for no pod of the cluster nothing may be removed, whatever the limits. A pod whose history
 * ends in a deletion is not asked about here: that is proof.
 */
export function mayRemoveOrphans(
  cluster: ClusterView,
  stateOf: (key: string) => PodState | undefined,
  limits: OrphanLimits,
): boolean {
  const keys = cluster.keys();
  const orphans = keys.filter((key) => !accountsFor(stateOf(key), cluster.objectsOf(key))).length;
  return orphans < keys.length && orphans <= limits.podsMax && orphans <= keys.length * limits.shareMax;
}

function accountsFor(state: PodState | undefined, objects: readonly OwnedObject[]): boolean {
  return state !== undefined && isLive(state) && !objects.some((object) => isAheadOf(state, object));
}
