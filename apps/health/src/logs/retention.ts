// Which archives are of no use any more, and which go first when there is no room. Pure.
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

/**
 * Names to remove so that `bytes` more fit: the oldest, but the newest of each pod only when the others are not enough.
 * Empty when removing everything would not be enough either. Objects of another form are left alone.
 */
export function planRoom(archives: readonly ArchivedLog[], bytes: number): readonly string[] {
  const parsed = archives.flatMap((archive) => {
    const ref = parseArchiveName(archive.name);
    return ref === undefined ? [] : [{ ...archive, pod: podKeyToString(ref.key) }];
  });
  const newestFirst = parsed.toSorted((a, b) => b.storedAtMs - a.storedAtMs);
  const pods = new Set<string>();
  const isNewest = newestFirst.map(({ pod }) => pods.size < pods.add(pod).size);
  const oldestFirst = newestFirst
    .map((archive, index) => ({ ...archive, last: isNewest[index] === true }))
    .toReversed();
  const inOrder = [...oldestFirst.filter(({ last }) => !last), ...oldestFirst.filter(({ last }) => last)];
  const names: string[] = [];
  let freed = 0;
  for (const { name, storedBytes } of inOrder) {
    if (freed >= bytes) return names;
    names.push(name);
    freed += storedBytes;
  }
  return freed >= bytes ? names : [];
}
