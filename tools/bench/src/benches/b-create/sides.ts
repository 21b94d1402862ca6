// The two ways to start a pod that (b) compares: through the service, and the same Pod by hand. A name is used once on each side.
import { setTimeout as delay } from 'node:timers/promises';
import type { Pod } from '@pods/kube';
import type { ClusterWatch } from '../../platform/cluster-watch.ts';
import type { User } from '../../platform/user.ts';
import { plainPods } from './plain-pods.ts';

/** One way to start a pod. */
export interface Side {
  readonly startMs: (name: string) => Promise<number>;
  /** All at the same moment; how long each took. */
  readonly startAllMs: (names: readonly string[]) => Promise<readonly number[]>;
  /** Resolves when nothing runs any more. */
  readonly remove: (name: string) => Promise<void>;
}

const patienceMs = 120_000;

/** `POST /pods`, and the API's word that the pod is AVAILABLE. */
export function ourSide(user: User, watch: ClusterWatch): Side {
  return {
    startMs: async (name) => {
      const podId = user.podId(name);
      const start = performance.now();
      await user.create(podId);
      await user.whenStatus(podId, 'AVAILABLE', 10);
      return performance.now() - start;
    },
    startAllMs: async (names) => {
      const podIds = names.map(user.podId);
      const start = performance.now();
      await Promise.all(podIds.map(user.create));
      return whenAllAvailable(user, podIds, start);
    },
    remove: async (name) => {
      const podId = user.podId(name);
      await user.remove(podId);
      await watch.when(user.objectName(podId), 'gone');
    },
  };
}

/** The Pod as spawner makes it, created at the API server, and the watch that sees its container run. */
export async function plainSide(user: User, watch: ClusterWatch, template: Pod): Promise<Side> {
  const { prepare, runningAfterMs, remove } = await plainPods(watch, template);
  const nameOf = (name: string): string => `plain-${user.podId(name)}`;
  return {
    startMs: async (name) => {
      await prepare(nameOf(name));
      return runningAfterMs(nameOf(name));
    },
    startAllMs: async (names) => {
      await Promise.all(names.map((name) => prepare(nameOf(name))));
      return Promise.all(names.map((name) => runningAfterMs(nameOf(name))));
    },
    remove: (name) => remove(nameOf(name)),
  };
}

/** One question about all of them twenty times a second: more would take from the starts what they need. */
async function whenAllAvailable(user: User, podIds: readonly string[], start: number): Promise<readonly number[]> {
  const tookMs = new Map<string, number>();
  while (tookMs.size < podIds.length) {
    const available = await user.available();
    const sinceMs = performance.now() - start;
    if (sinceMs > patienceMs)
      throw new Error(`${podIds.length - tookMs.size} pods are not AVAILABLE after ${patienceMs / 1000} s`);
    for (const podId of podIds) if (available.has(podId) && !tookMs.has(podId)) tookMs.set(podId, sinceMs);
    await delay(50);
  }
  return [...tookMs.values()];
}
