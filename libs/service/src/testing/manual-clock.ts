// A clock for specs: it stands still until it is advanced.
import type { Clock } from '../clock.ts';

export interface ManualClock extends Clock {
  /** Moves on by `ms`, firing due timers in order of their time; each sees its own time as now. */
  readonly advance: (ms: number) => void;
  /** Timers that have neither fired nor been cancelled. */
  readonly pending: () => number;
}

/** @param startMs milliseconds since 1970. */
export function manualClock(startMs = 1_800_000_000_000): ManualClock {
  let nowMs = startMs;
  const timers = new Set<{ readonly atMs: number; readonly fire: () => void }>();
  const nextUntil = (endMs: number) =>
    [...timers].filter((timer) => timer.atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
  return {
    now: () => nowMs,
    setTimer: (ms, fire) => {
      const timer = { atMs: nowMs + ms, fire };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (let timer = nextUntil(endMs); timer !== undefined; timer = nextUntil(endMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.fire();
      }
      nowMs = endMs;
    },
    pending: () => timers.size,
  };
}
