// Which archives are of no use any more. Pure.
import type { PodKey } from '@pods/contracts';
import { podKeyToString } from '@pods/contracts';
import type { ArchivedLog } from './archive-store.ts';
import { parseArchiveName } from './run-ref.ts';

export interface RetentionPolicy {
  /** Archives of the newest runs that a pod keeps. */
  readonly runsKept: number;
  /** Younger ones are left alone: a replica that lags may not know their pod yet. */
  readonly ageMsMin: number;
}

/**
 * Names to remove: of deleted pods, of earlier incarnations, of runs beyond the newest ones. Names of another form
 * are left alone. `incarnationOf` answers undefined for a pod that does not exist, and `unreadable` for one whose history
 * this version cannot judge: its archives stay.
 */
export function planRetention(
  archives: readonly ArchivedLog[],
  incarnationOf: (key: PodKey) => number | 'unreadable' | undefined,
  nowMs: number,
  policy: RetentionPolicy,
): readonly string[] {
  const old = archives.flatMap(({ name, storedAtMs }) => {
    const parsed = parseArchiveName(name);
    if (parsed === undefined || nowMs - storedAtMs < policy.ageMsMin) return [];
    return incarnationOf(parsed.key) === 'unreadable' ? [] : [{ name, ...parsed }];
  });
  const isCurrent = ({ key, incarnation }: (typeof old)[number]): boolean => incarnationOf(key) === incarnation;
  const ofEarlierLives = old.filter((archive) => !isCurrent(archive));
  const byPod = Map.groupBy(old.filter(isCurrent), ({ key }) => podKeyToString(key));
  const tooMany = byPod
    .values()
    .flatMap((runs) => runs.toSorted((a, b) => b.run - a.run).slice(policy.runsKept))
    .toArray();
  return [...ofEarlierLives, ...tooMany].map(({ name }) => name);
}
