// Promises that wait for something to become true, each with a deadline.
import { ReplicaBehindError } from './replica.ts';

interface Waiter {
  readonly check: () => void;
  readonly fail: (error: Error) => void;
}

/** A set of waiting promises, tested again whenever `check` is called. */
export interface Waiters {
  /** Resolves with the first value that `test` gives. @throws ReplicaBehindError after the deadline */
  readonly wait: <Value>(what: string, deadlineMs: number, test: () => Value | undefined) => Promise<Value>;
  readonly check: () => void;
  readonly failAll: (error: Error) => void;
}

export function createWaiters(): Waiters {
  const waiting = new Set<Waiter>();
  const wait = <Value>(what: string, deadlineMs: number, test: () => Value | undefined): Promise<Value> => {
    const now = test();
    if (now !== undefined) return Promise.resolve(now);
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const end = (): void => {
      clearTimeout(timer);
      waiting.delete(waiter);
    };
    const waiter: Waiter = {
      check: () => {
        const value = test();
        if (value === undefined) return;
        end();
        resolve(value);
      },
      fail: (error) => {
        end();
        reject(error);
      },
    };
    const timer = setTimeout(
      () => waiter.fail(new ReplicaBehindError(`${what}: not within ${deadlineMs} ms`)),
      deadlineMs,
    );
    waiting.add(waiter);
    return promise;
  };
  return {
    wait,
    check: () => {
      for (const waiter of waiting) waiter.check();
    },
    failAll: (error) => {
      for (const waiter of waiting) waiter.fail(error);
    },
  };
}
