// Remembers, per pod, why its container does not start. Fed by each change of the cluster, so that the count of
// failed pulls does not depend on when a pass looks.
import type { ObservedPod } from './observed-pod.ts';
import type { StartTrouble } from './start-trouble.ts';
import { troubleAfter } from './start-trouble.ts';

export interface TroubleMemory {
  /** Takes in an observation; null for a Pod that is gone. Repeating it changes nothing. */
  readonly note: (key: string, seen: ObservedPod | null) => void;
  readonly get: (key: string) => StartTrouble | null;
}

export function createTroubleMemory(now: () => number): TroubleMemory {
  const troubles = new Map<string, StartTrouble>();
  return {
    note: (key, seen) => {
      const after = seen === null ? null : troubleAfter(troubles.get(key) ?? null, seen, now());
      if (after === null) troubles.delete(key);
      else troubles.set(key, after);
    },
    get: (key) => troubles.get(key) ?? null,
  };
}
