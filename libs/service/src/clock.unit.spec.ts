import { expect, it } from 'vitest';
import { systemClock, timerMaxMs, wakeAt } from './clock.ts';
import { manualClock } from './testing/manual-clock.ts';

const dayMs = 86_400_000;

it('wakes at a deadline further away than any timer reaches, not earlier and once', () => {
  const clock = manualClock();
  const fired: number[] = [];
  const startMs = clock.now();
  wakeAt(clock, startMs + 40 * dayMs, () => void fired.push(clock.now() - startMs));
  clock.advance(40 * dayMs - 1);
  expect(fired).toEqual([]);
  clock.advance(1);
  clock.advance(dayMs);
  expect(fired).toEqual([40 * dayMs]);
});

it('never asks the system for a timer that would overflow', () => {
  const asked: number[] = [];
  const clock = manualClock();
  const watching = { ...clock, setTimer: (ms: number, fire: () => void) => (asked.push(ms), clock.setTimer(ms, fire)) };
  wakeAt(watching, clock.now() + 400 * dayMs, () => undefined);
  clock.advance(400 * dayMs);
  expect(Math.max(...asked)).toBeLessThanOrEqual(timerMaxMs);
});

it('can be cancelled after it has been armed again', () => {
  const clock = manualClock();
  let fired = false;
  const cancel = wakeAt(clock, clock.now() + 40 * dayMs, () => {
    fired = true;
  });
  clock.advance(30 * dayMs);
  cancel();
  clock.advance(30 * dayMs);
  expect([fired, clock.pending()]).toEqual([false, 0]);
});

it('fires for a deadline in the past', () => {
  const clock = manualClock();
  let fired = false;
  wakeAt(clock, clock.now() - dayMs, () => {
    fired = true;
  });
  clock.advance(0);
  expect(fired).toBe(true);
});

it('the system clock refuses a timer that would overflow and fire at once', () => {
  expect(() => systemClock.setTimer(timerMaxMs + 1, () => undefined)).toThrow(RangeError);
});

it('the system clock tells the time, fires and cancels', async () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    const cancel = systemClock.setTimer(0, () => void order.push('cancelled one'));
    systemClock.setTimer(1, () => {
      order.push('other');
      resolve();
    });
    cancel();
  });
  expect(order).toEqual(['other']);
});
