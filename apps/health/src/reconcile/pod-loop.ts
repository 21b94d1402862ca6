// What wakes which pod: changes of its history, changes of its Pod, its own deadlines, and a timed full check that
// counts what was missed. What a pass does is told by the caller.
import type { Clock, KeyedQueue, Logger, Outcome, QueueHooks } from '@pods/service';
import { createKeyedQueue } from '@pods/service';

export interface PodLoopOptions {
  readonly run: (key: string, signal: AbortSignal) => Promise<Outcome>;
  /** Whether a pass at `nowMs` would find something to do. */
  readonly isDue: (key: string, nowMs: number) => boolean;
  /** Every pod that may need a pass. */
  readonly keys: () => Iterable<string>;
  readonly clock: Clock;
  readonly concurrency: number;
  readonly checkEveryMs: number;
  readonly onRepairs: (count: number) => void;
  readonly hooks: QueueHooks;
  readonly log: Logger;
}

export interface PodLoop {
  readonly wake: (key: string) => void;
  readonly wakeAll: () => void;
  /** Resolves when no pass is due or running. */
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const backoff = { minMs: 200, maxMs: 30_000 };
/** Work that is still undone this long after the check saw it was missed; anything else was under way. */
const confirmAfterMs = 5000;

/** Starts with nothing to do; {@link PodLoop.wakeAll} begins. */
export function createPodLoop(options: PodLoopOptions): PodLoop {
  const { clock, isDue, log } = options;
  const attended = attendance();
  const queue: KeyedQueue = createKeyedQueue({
    clock,
    backoff,
    concurrency: options.concurrency,
    hooks: options.hooks,
    run: (key, signal) => {
      attended.begin(key);
      return options.run(key, signal);
    },
    onOutcome: (key, outcome, { durationMs, retries, nextInMs: delayMs }) => {
      attended.end(key, outcome);
      if (outcome.kind !== 'retry') return;
      log.warn(
        { key, reason: outcome.reason, err: outcome.error, attempt: retries, durationMs, delayMs },
        'a pass failed',
      );
    },
  });
  const wake = (key: string): void => {
    attended.woken(key);
    queue.wake(key);
  };
  // A deadline's own timer may be just about to fire.
  const isMissed = (key: string): boolean => !attended.has(key) && isDue(key, clock.now() - confirmAfterMs);
  const repair = (keys: readonly string[]): void => {
    const missed = keys.filter(isMissed);
    for (const key of missed) {
      log.warn({ key }, 'a pod was missed');
      wake(key);
    }
    if (missed.length > 0) options.onRepairs(missed.length);
  };
  const stopChecking = every(clock, options.checkEveryMs, () => {
    const suspects = [...new Set(options.keys())].filter(isMissed);
    return clock.setTimer(confirmAfterMs, () => {
      repair(suspects);
    });
  });
  return {
    wake,
    wakeAll: () => {
      for (const key of options.keys()) wake(key);
    },
    idle: queue.idle,
    stop: async () => {
      stopChecking();
      await queue.stop();
    },
  };
}

/** Which keys are being looked after: due, in a pass, or between two attempts. */
function attendance() {
  const due = new Set<string>();
  const running = new Set<string>();
  const retrying = new Set<string>();
  return {
    woken: (key: string) => void due.add(key),
    begin: (key: string) => {
      due.delete(key);
      running.add(key);
    },
    end: (key: string, outcome: Outcome) => {
      running.delete(key);
      if (outcome.kind === 'retry') retrying.add(key);
      else retrying.delete(key);
    },
    has: (key: string) => due.has(key) || running.has(key) || retrying.has(key),
  };
}

/** Calls `act` again and again; what it returns cancels what it has begun. */
function every(clock: Clock, ms: number, act: () => () => void): () => void {
  let cancelBegun = (): void => {};
  const arm = (): (() => void) =>
    clock.setTimer(ms, () => {
      cancelBegun = act();
      cancelTimer = arm();
    });
  let cancelTimer = arm();
  return () => {
    cancelTimer();
    cancelBegun();
  };
}
