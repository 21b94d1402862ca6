// When objects without a history may be removed.
import { describe, expect, it } from 'vitest';
import { mayRemoveOrphans } from './orphan-guard.ts';

const limits = { podsMax: 10, shareMax: 0.5 };

function cluster(living: number, dead: number): readonly string[] {
  return [
    ...Array.from({ length: living }, (_, n) => `dev.living${n}`),
    ...Array.from({ length: dead }, (_, n) => `dev.dead${n}`),
  ];
}

const isLiving = (key: string): boolean => key.includes('living');

describe('mayRemoveOrphans', () => {
  it.each([
    [0, 0, true],
    [0, 1, true],
    [0, 10, true],
    [0, 11, false],
    [9, 10, true],
    [10, 11, false],
    [11, 11, true],
    [100, 99, true],
    [99, 100, false],
  ])('%i pods with a history and %i without: %s', (living, dead, expected) => {
    expect(mayRemoveOrphans(cluster(living, dead), isLiving, limits)).toBe(expected);
  });

  it('of a log that turns out to be empty removes nothing of many pods', () => {
    expect(mayRemoveOrphans(cluster(1000, 0), () => false, limits)).toBe(false);
  });
});
