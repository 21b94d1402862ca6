// Follows the output of running containers, each into a ring. Which ones, and what becomes of a ring, is told by the
// caller. At most one run per pod is held.
import type { LogFollower, LogFollowerHooks, LogSource } from '@pods/kube';
import { createLogRing } from './ring.ts';
import type { LogRing } from './ring.ts';
import type { LogTarget, RunRef } from './run-ref.ts';
import { isSameRun } from './run-ref.ts';

export interface HeldLog {
  readonly caughtUp: Promise<void>;
  readonly sizeBytes: number;
  /** Oldest first. */
  readonly pieces: readonly Uint8Array[];
}

export interface LogKeeper {
  /** Follows a container from its beginning; changes nothing when that is done already. */
  readonly follow: (key: string, target: LogTarget) => void;
  /** Whether exactly this container is held. */
  readonly holds: (key: string, target: LogTarget) => boolean;
  /**
   * Reads what there is at this moment and gives all that is held; undefined when the run is neither held nor to be
   * read. The run stays held and is not followed any more. @throws what keeps it from being read until `signal` aborts
   */
  readonly finish: (
    key: string,
    of: RunRef,
    target: LogTarget | null,
    signal: AbortSignal,
  ) => Promise<HeldLog | undefined>;
  /** What is held of a run at this moment. */
  readonly held: (key: string, of: RunRef) => HeldLog | undefined;
  /** Lets go of what is held of other runs than `of`, or of all. */
  readonly drop: (key: string, of?: RunRef) => void;
  readonly size: () => { readonly containers: number; readonly bytes: number; readonly memoryBytes: number };
  readonly stop: () => Promise<void>;
}

export interface LogKeeperOptions {
  readonly ringBytesMax: number;
  /** Memory for all rings together. Beyond it the largest one gives up its oldest output. */
  readonly memoryBytesMax: number;
  /** Starts to follow a container; `@pods/kube`'s followLog in production. */
  readonly startFollowing: (source: Pick<LogSource, 'pod' | 'container'>, hooks: LogFollowerHooks) => LogFollower;
  readonly onTrouble: (key: string, error: unknown) => void;
  /** Output was given up because the memory for all of it was full. */
  readonly onCut: (bytes: number) => void;
}

interface Entry {
  readonly target: LogTarget;
  readonly ring: LogRing;
  readonly follower: LogFollower;
}

export function createLogKeeper(options: LogKeeperOptions): LogKeeper {
  const entries = new Map<string, Entry>();
  const stopping = new Set<Promise<void>>();
  const memory = createMemoryBudget(options.memoryBytesMax, () => entries.values(), options.onCut);

  const letGo = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    memory.changed(-entry.ring.memoryBytes);
    const stopped = entry.follower.stop().finally(() => stopping.delete(stopped));
    stopping.add(stopped);
  };
  const holds = (key: string, target: LogTarget): boolean => entries.get(key)?.target.podUid === target.podUid;
  const follow = (key: string, target: LogTarget): void => {
    if (holds(key, target)) return;
    letGo(key);
    const ring = createLogRing(options.ringBytesMax);
    const follower = options.startFollowing(
      { pod: target.podName, container: target.container },
      {
        onLine: (line) => {
          const before = ring.memoryBytes;
          ring.push(line.text);
          // A follower that is being stopped may still bring something.
          if (entries.get(key)?.ring === ring) memory.changed(ring.memoryBytes - before);
        },
        onTrouble: (error) => {
          options.onTrouble(key, error);
        },
      },
    );
    entries.set(key, { target, ring, follower });
  };
  const entryOf = (key: string, of: RunRef): Entry | undefined => {
    const entry = entries.get(key);
    return entry !== undefined && isSameRun(entry.target, of) ? entry : undefined;
  };

  return {
    follow,
    holds,
    finish: async (key, of, target, signal) => {
      if (target !== null) follow(key, target);
      const entry = entryOf(key, of);
      if (entry === undefined) return undefined;
      await entry.follower.finish(signal);
      return heldOf(entry);
    },
    held: (key, of) => {
      const entry = entryOf(key, of);
      return entry === undefined ? undefined : heldOf(entry);
    },
    drop: (key, of) => {
      if (of === undefined || entryOf(key, of) === undefined) letGo(key);
    },
    size: () => ({
      containers: entries.size,
      bytes: entries.values().reduce((sum, { ring }) => sum + ring.sizeBytes, 0),
      memoryBytes: memory.used(),
    }),
    stop: async () => {
      for (const key of entries.keys()) letGo(key);
      await Promise.all(stopping);
    },
  };
}

function heldOf({ ring, follower }: Entry): HeldLog {
  const pieces = ring.pieces();
  const sizeBytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  return { caughtUp: follower.caughtUp, sizeBytes, pieces };
}

/** Keeps all rings together within the limit: who writes most gives up most, small logs stay whole. */
function createMemoryBudget(
  bytesMax: number,
  entries: () => Iterable<Entry>,
  onCut: (bytes: number) => void,
): { readonly changed: (byBytes: number) => void; readonly used: () => number } {
  let usedBytes = 0;
  const largest = (): LogRing | undefined => {
    let found: LogRing | undefined;
    for (const { ring } of entries()) if (ring.memoryBytes > (found?.memoryBytes ?? 0)) found = ring;
    return found;
  };
  return {
    changed: (byBytes) => {
      usedBytes += byBytes;
      while (usedBytes > bytesMax) {
        const ring = largest();
        if (ring === undefined) return;
        const before = ring.memoryBytes;
        onCut(ring.dropOldest());
        usedBytes += ring.memoryBytes - before;
      }
    },
    used: () => usedBytes,
  };
}
