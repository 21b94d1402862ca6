// Trying again until a deadline, with growing random pauses; and doing many things with a bound on how many at once.
import { setTimeout as pause } from 'node:timers/promises';

export interface Retries {
  readonly deadlineMs: number;
  readonly pauseMsMin?: number;
  readonly pauseMsMax?: number;
}

export type Attempt<Value> =
  | { readonly done: true; readonly value: Value }
  | { readonly done: false; readonly error: unknown };

/** Repeats `attempt` until it is done; the last error, when the time is over. Errors that it throws are final. */
export async function untilDeadline<Value>(
  { deadlineMs, pauseMsMin = 20, pauseMsMax = 1000 }: Retries,
  attempt: (msLeft: number) => Promise<Attempt<Value>>,
): Promise<Attempt<Value>> {
  const deadline = performance.now() + deadlineMs;
  for (let pauseMs = pauseMsMin; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
    const outcome = await attempt(deadline - performance.now());
    if (outcome.done) return outcome;
    const jitteredMs = pauseMs * (0.5 + Math.random() / 2);
    if (performance.now() + jitteredMs >= deadline) return outcome;
    await pause(jitteredMs);
  }
}

/** Maps in order, with at most `limit` calls at the same time. After one that fails no further call is made. */
export async function mapLimited<Item, Value>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  const queue = items.entries();
  let failed = false;
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        values[index] = await map(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return values;
}
