// Callers that ask for the same work while it is under way share it.

/** Wraps `work` so that at most one call of it is under way. */
export function singleFlight<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let current: Promise<Value> | undefined;
  return () => {
    current ??= work().finally(() => {
      current = undefined;
    });
    return current;
  };
}
