// For specs of the keyed queue: passes that run until they are told how to end.
import type { Outcome } from './keyed-queue.ts';

export interface HeldPass {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly end: (outcome: Outcome) => void;
  readonly fail: (error: Error) => void;
}

export interface HeldPasses {
  readonly run: (key: string, signal: AbortSignal) => Promise<Outcome>;
  /** The next pass in order of start, as soon as it has started. */
  readonly next: () => Promise<HeldPass>;
  /** Keys of all passes, in order of start. */
  readonly keys: () => readonly string[];
  /** Passes that have not ended, in order of start. */
  readonly running: () => readonly HeldPass[];
}

/** Passes for one queue. */
export function heldPasses(onStart: (key: string) => void = () => undefined): HeldPasses {
  const started: HeldPass[] = [];
  const running = new Set<HeldPass>();
  const waiting: ((pass: HeldPass) => void)[] = [];
  let taken = 0;
  const announce = (): void => {
    for (let pass = started[taken]; pass !== undefined && waiting.length > 0; pass = started[taken]) {
      taken += 1;
      waiting.shift()?.(pass);
    }
  };
  return {
    run: async (key, signal) => {
      const ended = Promise.withResolvers<Outcome>();
      const pass = { key, signal, end: ended.resolve, fail: ended.reject };
      onStart(key);
      started.push(pass);
      running.add(pass);
      announce();
      return ended.promise.finally(() => running.delete(pass));
    },
    next: async () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        announce();
      }),
    keys: () => started.map((pass) => pass.key),
    running: () => [...running],
  };
}

/** Lets the event loop turn often enough for the queue to start whatever it may start now. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
