// Ending a history that cannot be folded.
import type { PodEvent } from '@pods/contracts';
import { describe, expect, test } from 'vitest';
import { eventsOfStart, podCreated } from './testing/index.ts';
import { flawsOf, tombstoneAfter } from './tombstone.ts';

const stored = (version: number, { type, ...body }: PodEvent) => ({ version, type, body });
const whole = [podCreated(), ...eventsOfStart()].map((event, index) => stored(index + 1, event));
const start: PodEvent = {
  type: 'PodSpawnStarted',
  incarnation: 2,
  run: 7,
  generation: 1,
  definitionVersion: 1,
};

describe('a history', () => {
  test('that can be folded has no flaws, and ends as any deletion ends it', () => {
    expect(flawsOf(whole)).toEqual([]);
    expect(tombstoneAfter(whole)).toEqual({ type: 'PodDeleted', incarnation: 1, lastRun: 1 });
  });

  test('shows its gaps, and what cannot be read', () => {
    const unknown = { version: 6, type: 'PodHibernated', body: { incarnation: 1, run: 3 } };
    const unreadable = { version: 8, type: 'PodLost', body: { run: 'x' } };
    expect(flawsOf([...whole, unknown, unreadable])).toEqual([
      { version: 5, what: 'missing' },
      { version: 6, what: 'of an unknown type' },
      { version: 7, what: 'missing' },
      { version: 8, what: 'unreadable' },
    ]);
  });

  test('with flaws ends beyond every run and incarnation that it may have had', () => {
    expect(tombstoneAfter([...whole.slice(0, 1), stored(4, start)])).toEqual({
      type: 'PodDeleted',
      incarnation: 4,
      lastRun: 9,
    });
    expect(tombstoneAfter([{ version: 1, type: '#unreadable', body: { run: 1e300 } }])).toMatchObject({
      incarnation: 1,
      lastRun: 1,
    });
  });
});
