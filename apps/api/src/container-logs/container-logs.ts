// The logs of a pod's container as the API shows them: from health while a run is open, from the archive after it,
// until the next run starts (pods-api.md 3.8). Where bytes come from is the business of the two sources.
import type { KeptLogs, LivePod, Run } from '@pods/domain-pods';
import { openRunOf } from '@pods/domain-pods';
import { logBytesMax } from '../limits.ts';
import { newestLines } from './newest-lines.ts';

/** One run of one pod. */
export interface RunKey {
  readonly tenant: string;
  readonly podId: string;
  readonly incarnation: number;
  readonly run: number;
}

export type LogBytes =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The source has none of this run. */
  | { readonly kind: 'none' }
  /** The source cannot be asked now. */
  | { readonly kind: 'unavailable' };

/** The newest bytes of a running container's logs. */
export type RunningLogs = (run: RunKey) => Promise<LogBytes>;
/** The archived logs under a name. */
export type ArchivedLogs = (object: string) => Promise<LogBytes>;

/** The same pod once its run's logs are archived; undefined when that does not come soon. */
export type WhenArchived = (run: RunKey) => Promise<LivePod | undefined>;

export interface ContainerLogs {
  /** The text for a pod; undefined when there may be logs that cannot be had now. */
  readonly of: (pod: LivePod) => Promise<string | undefined>;
}

export interface LogSources {
  readonly running: RunningLogs;
  readonly archived: ArchivedLogs;
  readonly whenArchived: WhenArchived;
}

/** Puts the two sources together. */
export function createContainerLogs({ running, archived, whenArchived }: LogSources): ContainerLogs {
  const ofArchive = async ({ object, notKept }: KeptLogs): Promise<string | undefined> => {
    if (object !== null) return textOf(await archived(object));
    return notKept === null ? '' : `[pods: ${notKept}]\n`;
  };
  const ofOpenRun = async (pod: LivePod, run: Run): Promise<string | undefined> => {
    const { tenant, podId, incarnation } = pod;
    const key = { tenant, podId, incarnation, run: run.number };
    const found = await running(key);
    if (found.kind === 'bytes') return textOf(found);
    // Before anybody has seen it run there is nothing to miss.
    if (run.startedAt === null && run.end === null) return '';
    // Of a run that has ended, health lets go when it has stored the output: the archive is on its way.
    const later = isEnding(run) ? await whenArchived(key) : undefined;
    const logs = later?.run?.logs ?? null;
    return logs === null ? undefined : ofArchive(logs);
  };
  return {
    of: async (pod) => {
      const { run } = pod;
      if (run === null) return '';
      // The archive is complete, so it is taken as soon as it is there, also before the run is closed.
      if (run.logs !== null) return ofArchive(run.logs);
      if (openRunOf(pod) === null || run.end?.neverRan === true) return '';
      return ofOpenRun(pod, run);
    },
  };
}

function isEnding(run: Run): boolean {
  return run.end !== null || run.teardownStarted;
}

function textOf(found: LogBytes): string | undefined {
  switch (found.kind) {
    case 'bytes':
      return newestLines(found.bytes, logBytesMax);
    case 'none':
      return '';
    case 'unavailable':
      return undefined;
  }
}
