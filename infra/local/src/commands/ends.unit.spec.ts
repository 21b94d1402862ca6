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

it('counts restarts and says when the last one was, and nothing where there was none', () => {
  const part = { title: 'api', restarts: 2, quickEnds: 0, lastEndAt: before(12_000) };
  expect(describeRestarts(part, NOW)).toBe('restarted 2 times, last 12 s ago');
  expect(describeRestarts({ ...part, restarts: 1, quickEnds: 3 }, NOW)).toBe(
    'restarted once, last 12 s ago, ends again and again',
  );
  expect(describeRestarts({ ...part, restarts: 0, lastEndAt: undefined }, NOW)).toBeUndefined();
});

it('tells a restart once, and not one from before anybody looked', () => {
  const part = { name: 'api', title: 'api', restarts: 1, quickEnds: 0, lastEndAt: before(0) };
  expect(newRestarts([], [part])).toEqual([]);
  expect(newRestarts([part], [part])).toEqual([]);
  expect(newRestarts([part], [{ ...part, restarts: 2 }])).toEqual(['api had ended and was started again (restart 2)']);
});
