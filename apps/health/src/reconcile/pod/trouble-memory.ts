// Remembers, per pod, why its container does not start. Fed by each change of the cluster, so that the count of
// failed pulls does not depend on when a pass looks. What was before this process is asked of the cluster, once.
import type { ObservedPod } from './observed-pod.ts';
import type { PastTroubles, StartTrouble } from './start-trouble.ts';
import { troubleAfter, withPast } from './start-trouble.ts';

export interface TroubleMemory {
  /** Takes in an observation; null for a Pod that is gone. Repeating it changes nothing. */
  readonly note: (key: string, seen: ObservedPod | null) => void;
  /** Learns what a Pod in trouble went through before this process saw it; tried again until it works. */
  readonly recall: (key: string) => Promise<void>;
  readonly get: (key: string) => StartTrouble | null;
}

export interface TroubleMemoryOptions {
  readonly now: () => number;
  readonly readPast: (podUid: string) => Promise<PastTroubles>;
  readonly onError: (key: string, error: unknown) => void;
}

export function createTroubleMemory({ now, readPast, onError }: TroubleMemoryOptions): TroubleMemory {
  const troubles = new Map<string, StartTrouble>();
  /** UID of the Pod whose past is known. */
  const recalled = new Map<string, string>();
  return {
    note: (key, seen) => {
      const after = seen === null ? null : troubleAfter(troubles.get(key) ?? null, seen, now());
      if (after !== null) {
        troubles.set(key, after);
        return;
      }
      troubles.delete(key);
      recalled.delete(key);
    },
    recall: async (key) => {
      const podUid = troubles.get(key)?.podUid;
      if (podUid === undefined || recalled.get(key) === podUid) return;
      try {
        const past = await readPast(podUid);
        // Observations go on meanwhile.
        const trouble = troubles.get(key);
        if (trouble?.podUid !== podUid) return;
        troubles.set(key, withPast(trouble, past));
        recalled.set(key, podUid);
      } catch (error) {
        onError(key, error);
      }
    },
    get: (key) => troubles.get(key) ?? null,
  };
}
