// The definitions that open runs were opened with. A later change waits for the next run, so they are read from the
// history, once for each run.
import type { PodDefinition } from '@pods/contracts';
import { podKeyToString } from '@pods/contracts';
import type { LivePod, Run } from '@pods/domain-pods';
import { isLive, podAggregate } from '@pods/domain-pods';
import type { EventLog } from '@pods/event-store';
import { loadAtVersion } from '@pods/event-store';

/** The definition of an open run. @throws LogUnavailableError */
export type PinnedDefinitions = (pod: LivePod, run: Run) => Promise<PodDefinition>;

/** What is forgotten is read again. */
const rememberedMax = 1000;

/** Remembers what it read of pods that were changed after their run was opened. */
export function createPinnedDefinitions(log: EventLog): PinnedDefinitions {
  const remembered = new Map<string, { readonly version: number; readonly definition: PodDefinition }>();
  return async (pod, run) => {
    const key = podKeyToString(pod);
    const version = run.definitionVersion;
    if (pod.definitionVersion === version) {
      remembered.delete(key);
      return pod.definition;
    }
    const known = remembered.get(key);
    if (known?.version === version) return known.definition;
    const then = await loadAtVersion({ log, aggregate: podAggregate }, [pod.tenant, pod.podId], version);
    if (then === undefined || !isLive(then.state)) {
      throw new Error(`the log lacks version ${version} of ${key}, with which its run was opened`);
    }
    const { definition } = then.state;
    remembered.set(key, { version, definition });
    const [oldest] = remembered.keys();
    if (remembered.size > rememberedMax && oldest !== undefined) remembered.delete(oldest);
    return definition;
  };
}
