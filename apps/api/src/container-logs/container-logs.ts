// The logs of a pod's container as the API shows them: from health while a run is open, from the archive after it,
// until the next run starts (pods-api.md 3.8). Where bytes come from is the business of the two sources.
import type { LivePod, Run } from '@pods/domain-pods';
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

export interface ContainerLogs {
  /** The text for a pod; undefined when there may be logs that cannot be had now. */
  readonly of: (pod: LivePod) => Promise<string | undefined>;
}

/** Puts the two sources together. */
export function createContainerLogs(running: RunningLogs, archived: ArchivedLogs): ContainerLogs {
  return {
    of: async (pod) => {
      const { run } = pod;
      if (run === null) return '';
      // The archive is complete, so it is taken as soon as it is there, also before the run is closed.
      if (run.logs !== null) return run.logs.object === null ? '' : textOf(await archived(run.logs.object));
      if (openRunOf(pod) === null || !mayHaveWritten(run)) return '';
      const { tenant, podId, incarnation } = pod;
      const found = await running({ tenant, podId, incarnation, run: run.number });
      if (found.kind === 'bytes') return textOf(found);
      // Before anybody has seen it run there is nothing to miss.
      return run.startedAt === null && run.end === null ? '' : undefined;
    },
  };
}

function mayHaveWritten(run: Run): boolean {
  return run.end?.neverRan !== true;
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
