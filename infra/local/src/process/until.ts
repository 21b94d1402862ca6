// Waits for a condition, with a deadline. The only place here that lets time pass.
import { setTimeout as delay } from 'node:timers/promises';

/** A condition that did not come true in time. */
export class DeadlineError extends Error {
  constructor(what: string, deadlineMs: number, cause: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    super(`${what} did not happen within ${Math.round(deadlineMs / 1000)} s${why}`, { cause });
    this.name = 'DeadlineError';
  }
}

/** How to wait: `what` completes the sentence "… did not happen". Times are in milliseconds. */
export type Wait = {
  readonly what: string;
  readonly deadlineMs: number;
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
};

/** A check throws this to say that waiting is of no use any more. */
export class HopelessError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HopelessError';
  }
}

/**
 * Tries a check again until it does not throw, and returns what it gave.
 * @throws DeadlineError with the check's last error, HopelessError from the check, or the signal's reason.
 */
export const until = async <T>(check: () => Promise<T>, wait: Wait): Promise<T> => {
  const endMs = performance.now() + wait.deadlineMs;
  for (;;) {
    wait.signal?.throwIfAborted();
    try {
      return await check();
    } catch (error) {
      if (error instanceof HopelessError) throw error;
      if (performance.now() >= endMs) throw new DeadlineError(wait.what, wait.deadlineMs, error);
    }
    await delay(wait.intervalMs ?? 100, undefined, { signal: wait.signal });
  }
};
