import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import type { Outcome } from './keyed-queue.ts';
import { nextPass } from './next-pass.ts';

const backoff = { minMs: 100, maxMs: 10_000 };
const done: Outcome = { kind: 'done' };
const wait: Outcome = { kind: 'wait', afterMs: 5000, reason: 'spec' };
const retry: Outcome = { kind: 'retry', reason: 'spec' };

it.each([
  ['done', done, false, { retries: 0, floorMs: 0, delayMs: undefined }],
  ['done, woken', done, true, { retries: 0, floorMs: 0, delayMs: 0 }],
  ['wait', wait, false, { retries: 0, floorMs: 0, delayMs: 5000 }],
  ['wait, woken', wait, true, { retries: 0, floorMs: 0, delayMs: 0 }],
  ['wait for a moment that has passed', { ...wait, afterMs: -1 }, false, { retries: 0, floorMs: 0, delayMs: 0 }],
  ['retry', retry, false, { retries: 4, floorMs: 100, delayMs: 600 }],
  ['retry, woken', retry, true, { retries: 4, floorMs: 100, delayMs: 100 }],
])('after %s', (_name, outcome, wokenMeanwhile, expected) => {
  expect(nextPass(backoff, { outcome, wokenMeanwhile, retriesBefore: 3, random: 0.5 })).toEqual(expected);
});

it('delays double up to the greatest one', () => {
  const delays = [1, 2, 3, 7, 8, 9, 5000].map((failures) => backoffMs(backoff, failures, 0.999_999_999));
  expect(delays).toEqual([100, 200, 400, 6400, 10_000, 10_000, 10_000]);
});

it('a delay is never below the least nor above the greatest, whatever the luck', () => {
  const failures = fc.integer({ min: 1, max: 10_000 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(failures, random, (count, luck) => {
      const ms = backoffMs(backoff, count, luck);
      return ms >= backoff.minMs && ms <= backoff.maxMs;
    }),
  );
});
