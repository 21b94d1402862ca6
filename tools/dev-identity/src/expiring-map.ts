// Values that are forgotten after a time, in memory only. Bounded: the oldest goes first.
import type { Clock } from '@pods/service';

export interface ExpiringMap<Value> {
  readonly set: (key: string, value: Value) => void;
  readonly get: (key: string) => Value | undefined;
  /** Gets and removes: of two callers exactly one gets the value. */
  readonly take: (key: string) => Value | undefined;
}

const sizeMax = 10_000;

/** @param lifeMs how long a value is kept after it was set. */
export function createExpiringMap<Value>(clock: Clock, lifeMs: number): ExpiringMap<Value> {
  const entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  const get = (key: string): Value | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.untilMs <= clock.now()) return undefined;
    return entry.value;
  };
  return {
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, { value, untilMs: clock.now() + lifeMs });
      const [oldest] = entries.keys();
      if (entries.size > sizeMax && oldest !== undefined) entries.delete(oldest);
    },
    get,
    take: (key) => {
      const value = get(key);
      entries.delete(key);
      return value;
    },
  };
}
