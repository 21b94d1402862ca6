// When objects that the log does not account for may be removed.
import type { PodState } from '@pods/domain-pods';
import { foldLive, podCreated } from '@pods/domain-pods/testing';
import { describe, expect, it } from 'vitest';
import type { ClusterView } from './cluster-cache.ts';
import { mayRemoveOrphans } from './orphan-guard.ts';
import { anObject } from './testing/builders.ts';

const limits = { podsMax: 10, shareMax: 0.5 };
/** Its history knows no run yet. */
const requested = foldLive([podCreated()]);

function cluster(living: number, unknown: number, run = 0): ClusterView {
  const keys = [
    ...Array.from({ length: living }, (_, n) => `dev.living${n}`),
    ...Array.from({ length: unknown }, (_, n) => `dev.unknown${n}`),
  ];
  return { keys: () => keys, objectsOf: () => [anObject('Pod', { run })] };
}

const stateOf = (key: string): PodState | undefined => (key.includes('living') ? requested : undefined);

describe('mayRemoveOrphans', () => {
  it.each([
    [1, 0, true],
    [1, 1, true],
    [2, 3, false],
    [10, 10, true],
    [11, 11, false],
    [1000, 10, true],
    [1000, 11, false],
  ])('%i pods that the log accounts for and %i that it does not: %s', (living, unknown, expected) => {
    expect(mayRemoveOrphans(cluster(living, unknown), stateOf, limits)).toBe(expected);
  });

  it.each([1, 3, 1000])('of a log that knows none of %i pods removes nothing, whatever the limits', (count) => {
    const noLimits = { podsMax: 1_000_000, shareMax: 1 };
    expect(mayRemoveOrphans(cluster(0, count), stateOf, noLimits)).toBe(false);
    expect(mayRemoveOrphans(cluster(count, 0, 1), stateOf, noLimits)).toBe(false);
  });

  it('counts pods whose runs are ahead of their history as not accounted for', () => {
    expect(mayRemoveOrphans(cluster(20, 0, 0), stateOf, limits)).toBe(true);
    expect(mayRemoveOrphans(cluster(20, 0, 1), stateOf, limits)).toBe(false);
  });

  it('with a limit of none removes none', () => {
    expect(mayRemoveOrphans(cluster(100, 1), stateOf, { podsMax: 0, shareMax: 0.5 })).toBe(false);
  });
});
