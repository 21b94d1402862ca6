// Waiting for a condition in specs.

export interface EventuallyOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Asks again until the condition holds: until it neither throws nor answers `false`. For specs and fixtures only.
 * @returns the answer that ended the waiting.
 * @throws Error at the deadline (10 s unless told), with what the condition threw last as its cause.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const attempt = await attemptOnce(condition);
    if (attempt.holds) return attempt.value;
    if (performance.now() >= deadline) {
      const reason = attempt.error instanceof Error ? attempt.error.message : 'it answered false';
      throw new Error(`the condition did not hold within ${timeoutMs} ms: ${reason}`, { cause: attempt.error });
    }
    await new Promise((resolve) => {
      setTimeout(resolve, intervalMs);
    });
  }
}

type Attempt<T> = { readonly holds: true; readonly value: T } | { readonly holds: false; readonly error?: unknown };

async function attemptOnce<T>(condition: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    const value = await condition();
    return value === false ? { holds: false } : { holds: true, value };
  } catch (error) {
    return { holds: false, error };
  }
}
