// A map that forgets what was used longest ago.

export interface BoundedMap<Key, Value> {
  readonly get: (key: Key) => Value | undefined;
  readonly set: (key: Key, value: Value) => void;
  readonly delete: (key: Key) => void;
  readonly size: () => number;
}

/** Keeps at most `entriesMax` entries. */
export function createBoundedMap<Key, Value>(entriesMax: number): BoundedMap<Key, Value> {
  const entries = new Map<Key, Value>();
  const touch = (key: Key, value: Value): void => {
    entries.delete(key);
    entries.set(key, value);
  };
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined) touch(key, value);
      return value;
    },
    set: (key, value) => {
      touch(key, value);
      if (entries.size <= entriesMax) return;
      const oldest = entries.keys().next();
      if (oldest.done === false) entries.delete(oldest.value);
    },
    delete: (key) => {
      entries.delete(key);
    },
    size: () => entries.size,
  };
}
