// Ends waiting: by a time limit, by a signal. Whether the work itself stops depends on what it does with the signal.

/** Not done in time; whether it had an effect is unknown. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'deadline';
  readonly retryable = true;
}

/**
 * Runs with a signal that aborts after `ms`, or with `signal`; stops waiting then even when `run` goes on.
 * @throws DeadlineError, the signal's reason, or what `run` throws.
 */
export async function withDeadline<Value>(
  ms: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort(new DeadlineError(`not done within ${ms} ms`));
  }, ms);
  const pass = (): void => {
    abort.abort(signal?.reason);
  };
  signal?.addEventListener('abort', pass, { once: true });
  if (signal?.aborted === true) pass();
  try {
    return await abortable(run(abort.signal), abort.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', pass);
  }
}

/** Waits for the work, but no longer than until the signal aborts. @throws the signal's reason, or what the work throws. */
export async function abortable<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    aborted.reject(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
