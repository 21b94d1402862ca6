// Runs one pass per key at a time and merges wake-ups. A key is only a name: the pass reads all it needs again by itself.
// What a pass does, and which keys exist, is the caller's business; nothing here survives a restart.
import { backoffMs, type Backoff } from './backoff.ts';
import { wakeAt, type Clock } from './clock.ts';

/** How a pass ended. Waiting is not failing: `wait` resets the backoff as `done` does. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'wait'; readonly afterMs: number; readonly reason: string }
  | { readonly kind: 'retry'; readonly reason: string; readonly error?: unknown };

/** About one pass, for its log line and metrics. */
export interface PassInfo {
  readonly durationMs: number;
  /** Retries in a row, this one included; 0 after `done` or `wait`. */
  readonly retries: number;
  /** Delay until the key's next pass without a further wake-up; undefined when there is none planned. */
  readonly nextInMs: number | undefined;
}

/** Where numbers go; see queue-metrics.ts. */
export interface QueueHooks {
  /** Keys that could run now but have no free slot yet. */
  readonly depth: (count: number) => void;
  readonly pass: (kind: Outcome['kind'], durationMs: number) => void;
}

export interface KeyedQueueOptions {
  /** Passes at the same time, over all keys. */
  readonly concurrency: number;
  /** One pass. A rejection counts as `retry`. `signal` aborts when the queue is being stopped and patience ran out. */
  readonly run: (key: string, signal: AbortSignal) => Promise<Outcome>;
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly onOutcome?: (key: string, outcome: Outcome, info: PassInfo) => void;
  readonly hooks?: QueueHooks;
  /** From 0 up to 1; spreads retries. */
  readonly random?: () => number;
}

export interface KeyedQueue {
  /**
   * Asks for a pass. Merged with one that is already due. During a pass: one more pass follows it. During a `wait`: now.
   * During a `retry`: not before the least delay since the failed pass, so that wake-ups cannot make it spin.
   */
  readonly wake: (key: string) => void;
  /** Resolves when nothing is due and nothing runs; keys that wait for their time do not count. */
  readonly idle: () => Promise<void>;
  /**
   * Starts no further pass, forgets what is due, and resolves when running passes have ended. Their signal aborts after
   * `patienceMs` (5 s by default).
   */
  readonly stop: (patienceMs?: number) => Promise<void>;
}

interface Entry {
  phase: 'due' | 'running' | 'sleeping';
  /** Woken during its pass. */
  again: boolean;
  retries: number;
  /** Earliest start of the next pass; later than now only after a retry. */
  notBefore: number;
  cancelTimer: () => void;
}

/** An empty queue. Passes start in a later turn of the event loop, never inside `wake`. */
export function createKeyedQueue(options: KeyedQueueOptions): KeyedQueue {
  const { clock, run, hooks, onOutcome, backoff, concurrency, random = Math.random } = options;
  const entries = new Map<string, Entry>();
  // A Set keeps the order of arrival.
  const due = new Set<string>();
  const abort = new AbortController();
  let running = 0;
  let stopped = false;
  let pumpPlanned = false;
  let whenIdle = Promise.withResolvers<void>();

  function isIdle(): boolean {
    return running === 0 && due.size === 0;
  }

  function makeDue(key: string, entry: Entry): void {
    entry.cancelTimer();
    entry.phase = 'due';
    due.add(key);
    hooks?.depth(due.size);
    planPump();
  }

  function sleep(key: string, entry: Entry, delayMs: number): void {
    entry.cancelTimer();
    entry.phase = 'sleeping';
    entry.cancelTimer = wakeAt(clock, clock.now() + delayMs, () => void makeDue(key, entry));
  }

  function wake(key: string): void {
    if (stopped) return;
    const entry = entries.get(key);
    if (entry === undefined) {
      const fresh: Entry = { phase: 'due', again: false, retries: 0, notBefore: 0, cancelTimer: () => undefined };
      entries.set(key, fresh);
      makeDue(key, fresh);
    } else if (entry.phase === 'running') {
      entry.again = true;
    } else if (entry.phase === 'sleeping') {
      const restMs = entry.notBefore - clock.now();
      if (restMs > 0) sleep(key, entry, restMs);
      else makeDue(key, entry);
    }
  }

  // Immediates, not microtasks: 100,000 keys woken at start-up must not keep probes from being answered.
  function planPump(): void {
    if (pumpPlanned || stopped) return;
    pumpPlanned = true;
    setImmediate(pump);
  }

  function pump(): void {
    pumpPlanned = false;
    for (const key of due) {
      if (running >= concurrency || stopped) break;
      due.delete(key);
      const entry = entries.get(key);
      if (entry !== undefined) void pass(key, entry);
    }
    hooks?.depth(due.size);
  }

  async function pass(key: string, entry: Entry): Promise<void> {
    running += 1;
    entry.phase = 'running';
    entry.again = false;
    const startedMs = clock.now();
    const outcome = await runSafely(run, key, abort.signal);
    running -= 1;
    const durationMs = clock.now() - startedMs;
    const nextInMs = settle(key, entry, outcome);
    hooks?.pass(outcome.kind, durationMs);
    if (due.size > 0) planPump();
    if (isIdle()) {
      whenIdle.resolve();
      whenIdle = Promise.withResolvers();
    }
    onOutcome?.(key, outcome, { durationMs, retries: entry.retries, nextInMs });
  }

  /** Plans the key's next pass and tells its delay. */
  function settle(key: string, entry: Entry, outcome: Outcome): number | undefined {
    const failed = outcome.kind === 'retry';
    entry.retries = failed ? entry.retries + 1 : 0;
    entry.notBefore = failed ? clock.now() + backoff.minMs : 0;
    const plannedMs = delayAfter(outcome, entry.retries);
    const delayMs = entry.again ? Math.min(failed ? backoff.minMs : 0, plannedMs ?? 0) : plannedMs;
    if (delayMs === undefined || stopped) {
      entries.delete(key);
      return undefined;
    }
    if (delayMs > 0) sleep(key, entry, delayMs);
    else makeDue(key, entry);
    return delayMs;
  }

  function delayAfter(outcome: Outcome, retries: number): number | undefined {
    switch (outcome.kind) {
      case 'done':
        return undefined;
      case 'wait':
        return Math.max(outcome.afterMs, 0);
      case 'retry':
        return backoffMs(backoff, retries, random());
    }
  }

  async function stop(patienceMs = 5000): Promise<void> {
    stopped = true;
    due.clear();
    hooks?.depth(0);
    for (const entry of entries.values()) entry.cancelTimer();
    const cancelAbort = wakeAt(
      clock,
      clock.now() + patienceMs,
      () => void abort.abort(new Error('the queue is stopping')),
    );
    while (running > 0) await whenIdle.promise;
    cancelAbort();
  }

  return {
    wake,
    stop,
    idle: async () => {
      while (!isIdle()) await whenIdle.promise;
    },
  };
}

async function runSafely(run: KeyedQueueOptions['run'], key: string, signal: AbortSignal): Promise<Outcome> {
  try {
    return await run(key, signal);
  } catch (error) {
    return { kind: 'retry', reason: 'the pass failed', error };
  }
}
