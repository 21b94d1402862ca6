// What the cluster warns of while a container is being prepared for long: its state says nothing of a volume that cannot be
// mounted or a network that cannot be made. One read when it is due, with growing delay; lost with the process.
import type { ObservedPod } from './observed-pod.ts';
import { isPreparing } from './start-trouble.ts';

export interface StartWarnings {
  /** Reads the newest warning if it is time to. Resolves to when to look again, milliseconds since 1970; null for never. */
  readonly look: (key: string, seen: ObservedPod | null) => Promise<number | null>;
  /** The newest warning about this Pod; null when there is none. */
  readonly get: (key: string, seen: ObservedPod | null) => string | null;
}

export interface StartWarningsOptions {
  /** Empty when the cluster warns of nothing. */
  readonly read: (podUid: string) => Promise<string>;
  /** Reading may fail: it is for people only, and tried again. */
  readonly onError: (key: string, error: unknown) => void;
  readonly now: () => number;
  /** How long a start may take before the first read, milliseconds; doubled for each further one. */
  readonly afterMs: number;
}

const delayMsMax = 300_000;

interface Kept {
  readonly podUid: string;
  readonly text: string;
  readonly delayMs: number;
  readonly dueAtMs: number;
}

export function createStartWarnings({ read, onError, now, afterMs }: StartWarningsOptions): StartWarnings {
  const kept = new Map<string, Kept>();
  const textOf = async (key: string, podUid: string, before: string): Promise<string> => {
    try {
      return await read(podUid);
    } catch (error) {
      onError(key, error);
      return before;
    }
  };
  return {
    look: async (key, seen) => {
      if (seen === null || !isPreparing(seen)) {
        kept.delete(key);
        return null;
      }
      const { uid: podUid } = seen;
      const before = kept.get(key);
      if (before?.podUid !== podUid) {
        const dueAtMs = now() + afterMs;
        kept.set(key, { podUid, text: '', delayMs: afterMs, dueAtMs });
        return dueAtMs;
      }
      if (now() < before.dueAtMs) return before.dueAtMs;
      const text = await textOf(key, podUid, before.text);
      const delayMs = Math.min(before.delayMs * 2, delayMsMax);
      const dueAtMs = now() + delayMs;
      kept.set(key, { podUid, text, delayMs, dueAtMs });
      return dueAtMs;
    },
    get: (key, seen) => {
      const found = kept.get(key);
      return found === undefined || found.text === '' || found.podUid !== seen?.uid ? null : found.text;
    },
  };
}
