// Keeps a wrong or emptied log from taking every pod with it (architecture.md section 4, rule 5). Pure.

export interface OrphanLimits {
  /** So many pods without a history may always be cleaned up. */
  readonly podsMax: number;
  /** Beyond that, at most this share of all pods that have objects. */
  readonly shareMax: number;
}

/**
 * Whether objects that the log does not account for may be removed: not when too many pods in the cluster have no
 * living history at once. A pod whose history ends in a deletion is not asked about here: that is proof.
 */
export function mayRemoveOrphans(
  keysInCluster: readonly string[],
  isLiving: (key: string) => boolean,
  limits: OrphanLimits,
): boolean {
  const without = keysInCluster.filter((key) => !isLiving(key)).length;
  return without <= limits.podsMax || without <= keysInCluster.length * limits.shareMax;
}
