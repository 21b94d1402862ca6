// From samples to measures: percentiles, comparisons, aims. Pure.
import type { Aim, Measure, Unit } from './bench.ts';

/**
 * The smallest sample that at least this share of all samples does not exceed (nearest rank).
 * @throws RangeError without samples.
 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new RangeError('there is no percentile of nothing');
  return found;
}

/** A measure of these samples. */
export function measureOf(name: string, unit: Unit, samples: readonly number[]): Measure {
  return { name, unit, n: samples.length, p50: percentile(samples, 0.5), p95: percentile(samples, 0.95) };
}

/** The measure with how many times its p50 is that of another one. */
export function comparedWith(
  measure: Measure,
  other: Measure,
): Measure & { readonly ratio: { readonly value: number } } {
  return { ...measure, ratio: { of: other.name, value: measure.p50 / other.p50 } };
}

/** The arithmetic mean. @throws RangeError without samples. */
export function mean(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError('there is no mean of nothing');
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

/** An aim for a value that should not be larger. */
export function atMost(value: number, limit: number, text: string): Aim {
  return { text, met: value <= limit };
}

/** An aim for a value that should not be smaller. */
export function atLeast(value: number, limit: number, text: string): Aim {
  return { text, met: value >= limit };
}
