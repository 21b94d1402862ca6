// Time as a port: the present and timers. What is due when is the caller's business.

/** The present and one-shot timers. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls `fire` once after `ms` (at most {@link timerMaxMs}); the returned function cancels. */
  readonly setTimer: (ms: number, fire: () => void) => () => void;
}

/** Longest delay of a Node timer; a longer one would overflow and fire at once. */
export const timerMaxMs = 2 ** 31 - 1;

/** The computer's clock. @throws RangeError for a timer beyond {@link timerMaxMs}: use {@link wakeAt}. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer: (ms, fire) => {
    if (!(ms <= timerMaxMs)) throw new RangeError(`a timer of ${ms} ms overflows; use wakeAt`);
    const timer = setTimeout(fire, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

// Also bounds how late a deadline is noticed after the computer's clock was set or the computer slept.
const sleepMaxMs = 3_600_000;

/** Calls `fire` once when the clock has reached `atMs`, however far away that is; the returned function cancels. */
export function wakeAt(clock: Clock, atMs: number, fire: () => void): () => void {
  const arm = (): (() => void) =>
    clock.setTimer(Math.min(Math.max(atMs - clock.now(), 0), sleepMaxMs), () => {
      if (clock.now() < atMs) cancel = arm();
      else fire();
    });
  let cancel = arm();
  return () => {
    cancel();
  };
}
