// Guarantees about what is said of parts that have ended by themselves.
import { expect, it } from 'vitest';
import type { DaemonRecord } from '../process/records.ts';
import { describeRestarts, explainEnd, newRestarts } from './ends.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const before = (ms: number): string => new Date(NOW - ms).toISOString();

const record = (more: Partial<DaemonRecord> = {}): DaemonRecord => ({
  name: 'api',
  pid: 7,
  startTicks: '100',
  bootId: 'b',
  launchId: 'l',
  program: '/bin/true',
  args: [],
  env: {},
  cwd: '/',
  fingerprint: 'f',
  startedAt: before(60_000),
  stopSignal: 'SIGTERM',
  graceMs: 1,
  restarts: 0,
  quickEnds: 0,
  lastEnd: null,
  ...more,
});

const ended = (agoMs: number, quickEnds: number, problem?: string): DaemonRecord =>
  record({
    restarts: quickEnds,
    quickEnds,
    lastEnd: { at: before(agoMs), livedMs: 5, startTicks: '100', ...(problem === undefined ? {} : { problem }) },
  });

it.each([
  ['nobody has noticed yet', record(), true, 'its process has ended; it is being started again'],
  ['ended for the first time', ended(10, 0), true, 'its process has ended; it is being started again'],
  [
    'ends again and again',
    ended(4_000, 5),
    true,
    'it ends again and again, 5 times in a row soon after its start; it is started again in 12 s',
  ],
  ['cannot be launched', ended(0, 1, 'no such file'), true, 'no such file; it is started again in 1.0 s'],
  [
    'nobody looks after',
    ended(10, 0),
    false,
    'its process has ended; the keeper does not run either, npm start starts both',
  ],
  [
    'is the keeper itself',
    record({ name: 'keeper' }),
    false,
    'its process has ended, so nothing that ends is started again; npm start starts it',
  ],
])('of a part that %s it says so and what comes next', (_, of, keeperLives, words) => {
  expect(explainEnd(of, keeperLives, NOW)).toBe(words);
});

const part = { name: 'api', title: 'api', quickEnds: 0, startedAt: before(12_000), lastRestartAt: before(12_000) };

it('counts restarts and says when the last one was, and nothing where there was none', () => {
  expect(describeRestarts({ ...part, restarts: 2 }, NOW)).toBe('restarted 2 times, last 12 s ago');
  expect(describeRestarts({ ...part, restarts: 0, lastRestartAt: undefined }, NOW)).toBeUndefined();
});

it('says that a part ends again and again until it has lived 10 s', () => {
  const bad = { ...part, restarts: 3, quickEnds: 3 };
  expect(describeRestarts({ ...bad, startedAt: undefined }, NOW)).toMatch(/last 12 s ago, ends again and again$/);
  expect(describeRestarts({ ...bad, startedAt: before(9_999) }, NOW)).toMatch(/ends again and again$/);
  expect(describeRestarts({ ...bad, startedAt: before(10_000) }, NOW)).toBe('restarted 3 times, last 12 s ago');
});

it('tells a restart once, and not one from before anybody looked', () => {
  const once = { ...part, restarts: 1 };
  expect(newRestarts([], [once])).toEqual([]);
  expect(newRestarts([once], [once])).toEqual([]);
  expect(newRestarts([once], [{ ...once, restarts: 2 }])).toEqual(['api had ended and was started again (restart 2)']);
});
