// Guarantees about when a daemon that has ended is launched again.
import { expect, it } from 'vitest';
import { delayMsOf, isEndNoted, noteEnd, waitMsOf, type Ends } from './backoff.ts';

const START = Date.parse('2026-03-01T12:00:00Z');

const daemon = (more: Partial<Ends> = {}): Ends => ({
  startTicks: '100',
  startedAt: new Date(START).toISOString(),
  restarts: 0,
  quickEnds: 0,
  lastEnd: null,
  ...more,
});

it('launches at once after the first end, however early that is', () => {
  const ended = noteEnd(daemon(), START + 10);
  expect(waitMsOf(ended, START + 10)).toBe(0);
});

it('waits 1, 2, 4 … 30 s after ends in a row that came within 10 s of a launch', () => {
  let record = noteEnd(daemon(), START + 5_000);
  const waits = Array.from({ length: 8 }, (_, index) => {
    const launchedMs = START + 100_000 * (index + 1);
    record = {
      ...record,
      startTicks: String(index),
      restarts: index + 1,
      startedAt: new Date(launchedMs).toISOString(),
    };
    record = noteEnd(record, launchedMs + 9_999);
    return waitMsOf(record, launchedMs + 9_999);
  });
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

it('forgets earlier ends when a process has lived 10 s', () => {
  expect(noteEnd(daemon({ restarts: 5, quickEnds: 5 }), START + 10_000).quickEnds).toBe(0);
});

it('never gives up and never waits longer than half a minute', () => {
  expect(delayMsOf({ quickEnds: 10_000 })).toBe(30_000);
});

it('counts the wait from the end, and launches at once when the clock was put back', () => {
  const ended = noteEnd(daemon({ restarts: 1, quickEnds: 2 }), START + 100);
  expect(waitMsOf(ended, START + 1_100)).toBe(3_000);
  expect(waitMsOf(ended, START + 4_100)).toBe(0);
  expect(waitMsOf(ended, START - 1)).toBe(0);
});

it('writes the end of a process down once, and that of its successor again', () => {
  const ended = noteEnd(daemon(), START + 100);
  expect([isEndNoted(daemon()), isEndNoted(ended), isEndNoted({ ...ended, startTicks: '200' })]).toEqual([
    false,
    true,
    false,
  ]);
});
