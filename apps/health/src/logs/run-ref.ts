// Which run of which pod some output belongs to, and how its archive is called. Pure.
import type { PodKey } from '@pods/contracts';
import { subjectTokenPattern } from '@pods/contracts';

/** One run of one pod. */
export interface RunRef {
  readonly incarnation: number;
  readonly run: number;
}

/** The container whose output it is. */
export interface LogTarget extends RunRef {
  readonly podUid: string;
  readonly podName: string;
  readonly container: string;
}

export function isSameRun(a: RunRef, b: RunRef): boolean {
  return a.incarnation === b.incarnation && a.run === b.run;
}

/** The object's name in the bucket of archived logs: the same for every process that stores it. */
export function archiveName(key: PodKey, { incarnation, run }: RunRef): string {
  return `${key.tenant}.${key.podId}.${incarnation}.${run}`;
}

/** The inverse of {@link archiveName}; undefined for a name that is none. */
export function parseArchiveName(name: string): (RunRef & { readonly key: PodKey }) | undefined {
  const [tenant, podId, incarnation, run, ...rest] = name.split('.');
  if (tenant === undefined || podId === undefined || rest.length > 0) return undefined;
  if (!subjectTokenPattern.test(tenant) || !subjectTokenPattern.test(podId)) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(incarnation ?? '') || !/^[1-9]\d{0,14}$/.test(run ?? '')) return undefined;
  return { key: { tenant, podId }, incarnation: Number(incarnation), run: Number(run) };
}
