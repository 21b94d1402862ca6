import { describe, expect, it } from 'vitest';
import { atLeast, atMost, comparedWith, mean, measureOf, percentile } from './samples.ts';

const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('a percentile', () => {
  it.each([
    [0.5, 50],
    [0.95, 95],
    [1, 100],
    [0, 1],
  ])('of share %s is the sample that so many do not exceed', (share, expected) => {
    expect(percentile(oneToHundred, share)).toBe(expected);
  });

  it('of one sample is that sample', () => {
    expect(percentile([7], 0.95)).toBe(7);
  });

  it('compares as numbers, not as texts', () => {
    expect(percentile([9, 10, 100], 0.5)).toBe(10);
  });

  it('of nothing is refused', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});

describe('a mean', () => {
  it('is the sum by the count', () => {
    expect(mean([1, 2, 6])).toBe(3);
  });

  it('of nothing is refused', () => {
    expect(() => mean([])).toThrow(RangeError);
  });
});

describe('a comparison', () => {
  it('is the multiple of the other p50', () => {
    const compared = comparedWith(measureOf('ours', 'ms', [30]), measureOf('plain', 'ms', [20]));
    expect(compared.ratio).toEqual({ of: 'plain', value: 1.5 });
  });
});

describe('an aim', () => {
  it('is met at its limit and missed beyond', () => {
    expect([atMost(60, 60, ''), atMost(60.1, 60, ''), atLeast(0.5, 0.5, ''), atLeast(0.49, 0.5, '')]).toMatchObject([
      { met: true },
      { met: false },
      { met: true },
      { met: false },
    ]);
  });
});
