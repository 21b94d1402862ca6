// How long to wait after the n-th failure in a row. Pure.

/** Least and greatest delay between attempts, in milliseconds. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Doubles from `minMs` to `maxMs`, then takes a random point of the upper half, so that many failures do not come back
 * together. Never below `minMs`.
 * @param failures failures in a row, from 1.
 * @param random from 0 up to 1.
 */
export function backoffMs(backoff: Backoff, failures: number, random: number): number {
  const fullMs = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.max(failures - 1, 0));
  return Math.max(backoff.minMs, Math.round(fullMs * (0.5 + random / 2)));
}
