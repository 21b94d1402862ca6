// The logs of a pod's container as the API shows them: from health while a run is open, from the archive after it,
// until the next run starts (pods-api.md 3.8). Where bytes come from is the business of the two sources.
import type { LivePod } from '@pods/domain-pods';
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

/** The newest bytes of a running container's logs; undefined when nobody can say. */
export type RunningLogs = (run: RunKey) => Promise<Uint8Array | undefined>;
/** The archived logs under a name; undefined when they are gone. */
export type ArchivedLogs = (object: string) => Promise<Uint8Array | undefined>;

export interface ContainerLogs {
  /** The text for a pod; undefined when a run is open and its logs cannot be had. */
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
      if (openRunOf(pod) === null) return '';
      const { tenant, podId, incarnation } = pod;
      const bytes = await running({ tenant, podId, incarnation, run: run.number });
      return bytes === undefined ? undefined : textOf(bytes);
    },
  };
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : newestLines(bytes, logBytesMax);
}
