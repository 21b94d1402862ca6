// Runs one pass per key at a time and merges wake-ups. A key is only a name: the pass reads all it needs again by itself.
// What a pass does, and which keys exist, is the caller's business; nothing here survives a restart.
import type { Backoff } from './backoff.ts';
import { wakeAt, type Clock } from './clock.ts';
import { nextPass, type NextPass } from './next-pass.ts';

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
  /** Told after each pass; what it throws ends the process. */
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
  wokenMeanwhile: boolean;
  retries: number;
  /** Earliest start of the next pass; later than now only after a retry. */
  notBefore: number;
  cancelTimer: () => void;
}

/** An empty queue. Passes start in a later turn of the event loop, never inside `wake`. */
export function createKeyedQueue(options: KeyedQueueOptions): KeyedQueue {
  const queue = new MergingQueue(options);
  return {
    wake: (key) => {
      queue.wake(key);
    },
    idle: async () => queue.idle(),
    stop: async (patienceMs = 5000) => queue.stop(patienceMs),
  };
}

class MergingQueue {
  readonly #options: KeyedQueueOptions;
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  /** Keys in the order in which they became due. */
  readonly #due = new Set<string>();
  readonly #abort = new AbortController();
  #running = 0;
  #stopped = false;
  #pumpPlanned = false;
  #whenIdle = Promise.withResolvers<void>();

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  wake(key: string): void {
    if (this.#stopped) return;
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#makeDue(key, this.#addEntry(key));
    } else if (entry.phase === 'running') {
      entry.wokenMeanwhile = true;
    } else if (entry.phase === 'sleeping') {
      this.#planPass(key, entry, entry.notBefore - this.#options.clock.now());
    }
  }

  async idle(): Promise<void> {
    while (!this.#isIdle()) await this.#whenIdle.promise;
  }

  async stop(patienceMs: number): Promise<void> {
    const { clock, hooks } = this.#options;
    this.#stopped = true;
    for (const entry of this.#entries.values()) entry.cancelTimer();
    this.#due.clear();
    hooks?.depth(0);
    this.#announceIdle();
    const cancelAbort = wakeAt(clock, clock.now() + patienceMs, () => {
      this.#abort.abort(new Error('the queue is stopping'));
    });
    await this.idle();
    cancelAbort();
    this.#entries.clear();
  }

  #addEntry(key: string): Entry {
    const entry: Entry = { phase: 'due', wokenMeanwhile: false, retries: 0, notBefore: 0, cancelTimer: nothing };
    this.#entries.set(key, entry);
    return entry;
  }

  #planPass(key: string, entry: Entry, delayMs: number): void {
    if (delayMs <= 0) {
      this.#makeDue(key, entry);
      return;
    }
    entry.cancelTimer();
    entry.phase = 'sleeping';
    const { clock } = this.#options;
    entry.cancelTimer = wakeAt(clock, clock.now() + delayMs, () => {
      this.#makeDue(key, entry);
    });
  }

  #makeDue(key: string, entry: Entry): void {
    entry.cancelTimer();
    entry.phase = 'due';
    this.#due.add(key);
    this.#options.hooks?.depth(this.#due.size);
    this.#planPump();
  }

  // Immediates, not microtasks: 100,000 keys woken at start-up must not keep probes from being answered.
  #planPump(): void {
    if (this.#pumpPlanned) return;
    this.#pumpPlanned = true;
    setImmediate(() => {
      this.#pumpPlanned = false;
      this.#startPasses();
    });
  }

  #startPasses(): void {
    for (const key of this.#due) {
      if (this.#running >= this.#options.concurrency) break;
      this.#due.delete(key);
      const entry = this.#entries.get(key);
      if (entry !== undefined) void this.#pass(key, entry);
    }
    this.#options.hooks?.depth(this.#due.size);
  }

  async #pass(key: string, entry: Entry): Promise<void> {
    const { clock, run, hooks, onOutcome } = this.#options;
    this.#running += 1;
    entry.phase = 'running';
    entry.wokenMeanwhile = false;
    const startedMs = clock.now();
    const outcome = await runSafely(run, key, this.#abort.signal);
    const durationMs = clock.now() - startedMs;
    const next = this.#settle(key, entry, outcome);
    this.#running -= 1;
    if (this.#due.size > 0) this.#planPump();
    this.#announceIdle();
    hooks?.pass(outcome.kind, durationMs);
    onOutcome?.(key, outcome, { durationMs, retries: next.retries, nextInMs: next.delayMs });
  }

  #settle(key: string, entry: Entry, outcome: Outcome): NextPass {
    const { clock, backoff } = this.#options;
    const next = nextPass(backoff, {
      outcome,
      wokenMeanwhile: entry.wokenMeanwhile,
      retriesBefore: entry.retries,
      random: this.#random(),
    });
    if (next.delayMs === undefined || this.#stopped) {
      this.#entries.delete(key);
      return { ...next, delayMs: undefined };
    }
    entry.retries = next.retries;
    entry.notBefore = clock.now() + next.floorMs;
    this.#planPass(key, entry, next.delayMs);
    return next;
  }

  #isIdle(): boolean {
    return this.#running === 0 && this.#due.size === 0;
  }

  #announceIdle(): void {
    if (!this.#isIdle()) return;
    this.#whenIdle.resolve();
    this.#whenIdle = Promise.withResolvers();
  }
}

function nothing(): void {
  // No timer is set yet.
}

async function runSafely(run: KeyedQueueOptions['run'], key: string, signal: AbortSignal): Promise<Outcome> {
  try {
    return await run(key, signal);
  } catch (error) {
    return { kind: 'retry', reason: 'the pass failed', error };
  }
}
