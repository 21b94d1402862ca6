import { beforeEach, describe, expect, it } from 'vitest';
import { createKeyedQueue, type KeyedQueue, type Outcome, type PassInfo } from './keyed-queue.ts';
import { heldPasses, turns, type HeldPasses } from './spec-held-passes.ts';
import { manualClock, type ManualClock } from './testing/manual-clock.ts';

const minMs = 100;
const done: Outcome = { kind: 'done' };
const retry: Outcome = { kind: 'retry', reason: 'spec' };
const wait = (afterMs: number): Outcome => ({ kind: 'wait', afterMs, reason: 'spec' });

let clock: ManualClock;
let passes: HeldPasses;
let outcomes: { readonly key: string; readonly outcome: Outcome; readonly info: PassInfo }[];
let queue: KeyedQueue;

beforeEach(() => {
  clock = manualClock();
  passes = heldPasses();
  outcomes = [];
  queue = createKeyedQueue({
    concurrency: 2,
    run: passes.run,
    clock,
    backoff: { minMs, maxMs: 10_000 },
    random: () => 0.999_999_999,
    onOutcome: (key, outcome, info) => void outcomes.push({ key, outcome, info }),
  });
});

/** Wakes the key and ends its pass. */
async function pass(key: string, outcome: Outcome): Promise<void> {
  queue.wake(key);
  (await passes.next()).end(outcome);
  await queue.idle();
}

describe('waking', () => {
  it('runs a pass, but never inside the call', async () => {
    queue.wake('a');
    expect(passes.keys()).toEqual([]);
    expect((await passes.next()).key).toBe('a');
  });

  it('merges wake-ups before a pass into one', async () => {
    ['a', 'a', 'a'].forEach(queue.wake);
    (await passes.next()).end(done);
    await queue.idle();
    expect(passes.keys()).toEqual(['a']);
  });

  it('merges wake-ups during a pass into one more', async () => {
    queue.wake('a');
    const first = await passes.next();
    ['a', 'a', 'a'].forEach(queue.wake);
    await turns();
    expect(passes.keys()).toEqual(['a']);
    first.end(done);
    (await passes.next()).end(done);
    await queue.idle();
    expect(passes.keys()).toEqual(['a', 'a']);
  });

  it('keeps the order of arrival and the number of passes at a time', async () => {
    ['a', 'b', 'c', 'd'].forEach(queue.wake);
    const first = await passes.next();
    await passes.next();
    await turns();
    expect(passes.keys()).toEqual(['a', 'b']);
    first.end(done);
    expect((await passes.next()).key).toBe('c');
  });

  it('a key that keeps being woken does not starve the others', async () => {
    ['a', 'b'].forEach(queue.wake);
    const a = await passes.next();
    await passes.next();
    queue.wake('a');
    queue.wake('c');
    a.end(done);
    await passes.next();
    expect(passes.keys()).toEqual(['a', 'b', 'c']);
  });
});

describe('waiting', () => {
  it('runs again by itself when the time has come, not earlier', async () => {
    await pass('a', wait(5000));
    clock.advance(4999);
    await turns();
    expect(passes.keys()).toEqual(['a']);
    clock.advance(1);
    await passes.next();
  });

  it('a wake-up ends it at once, and its timer is gone', async () => {
    await pass('a', wait(5000));
    await pass('a', done);
    expect(clock.pending()).toBe(0);
    clock.advance(10_000);
    await turns();
    expect(passes.keys()).toEqual(['a', 'a']);
  });

  it('may be longer than timers reach', async () => {
    const dayMs = 86_400_000;
    await pass('a', wait(60 * dayMs));
    clock.advance(60 * dayMs - 1);
    await turns();
    expect(passes.keys()).toEqual(['a']);
    clock.advance(1);
    await passes.next();
  });

  it('does not count as being busy', async () => {
    await pass('a', wait(5000));
    await expect(queue.idle()).resolves.toBeUndefined();
  });

  it('makes the next failure the first one again', async () => {
    await pass('a', retry);
    clock.advance(minMs);
    (await passes.next()).end(wait(1));
    await queue.idle();
    clock.advance(1);
    (await passes.next()).end(retry);
    await queue.idle();
    expect(outcomes.at(-1)?.info).toMatchObject({ retries: 1, nextInMs: minMs });
  });
});

describe('retrying', () => {
  it('waits twice as long each time, and starts anew after a pass that is done', async () => {
    queue.wake('a');
    for (const delayMs of [100, 200, 400]) {
      (await passes.next()).end(retry);
      await queue.idle();
      clock.advance(delayMs - 1);
      await turns();
      expect(passes.running()).toEqual([]);
      clock.advance(1);
    }
    (await passes.next()).end(done);
    await queue.idle();
    await pass('a', retry);
    expect(outcomes.map(({ info }) => info.retries)).toEqual([1, 2, 3, 0, 1]);
  });

  it('a wake-up shortens the delay to the least one, counted from the failed pass', async () => {
    await pass('a', retry);
    clock.advance(minMs);
    (await passes.next()).end(retry);
    await queue.idle();
    clock.advance(30);
    queue.wake('a');
    clock.advance(minMs - 31);
    await turns();
    expect(passes.running()).toEqual([]);
    clock.advance(1);
    await passes.next();
  });

  it('a wake-up during the failing pass does not make it spin', async () => {
    queue.wake('a');
    const failing = await passes.next();
    queue.wake('a');
    failing.end(retry);
    await queue.idle();
    clock.advance(minMs - 1);
    await turns();
    expect(passes.running()).toEqual([]);
    clock.advance(1);
    await passes.next();
  });

  it('a pass that throws is retried, with what it threw', async () => {
    queue.wake('a');
    (await passes.next()).fail(new Error('bug'));
    await queue.idle();
    expect(outcomes[0]?.outcome).toMatchObject({ kind: 'retry', error: new Error('bug') });
    clock.advance(minMs);
    await passes.next();
  });

  it('does not hold other keys back', async () => {
    await pass('a', retry);
    await pass('b', done);
    expect(passes.keys()).toEqual(['a', 'b']);
  });
});

describe('telling', () => {
  it('tells how long a pass took and when the next one is', async () => {
    queue.wake('a');
    const held = await passes.next();
    clock.advance(70);
    held.end(wait(500));
    await queue.idle();
    expect(outcomes).toEqual([{ key: 'a', outcome: wait(500), info: { durationMs: 70, retries: 0, nextInMs: 500 } }]);
  });
});

describe('stopping', () => {
  it('waits for running passes, starts none of those that are due, and forgets timers', async () => {
    await pass('sleeping', wait(5000));
    ['a', 'b', 'c'].forEach(queue.wake);
    const [a, b] = [await passes.next(), await passes.next()];
    queue.wake('a');
    let stopped = false;
    const stop = queue.stop().then(() => {
      stopped = true;
      return stopped;
    });
    a.end(done);
    await turns();
    expect(stopped).toBe(false);
    b.end(retry);
    await stop;
    expect(clock.pending()).toBe(0);
    queue.wake('d');
    await turns();
    expect(passes.keys()).toEqual(['sleeping', 'a', 'b']);
  });

  it('leaves passes alone at first and aborts them when patience runs out', async () => {
    queue.wake('a');
    const held = await passes.next();
    const stop = queue.stop(3000);
    clock.advance(2999);
    expect(held.signal.aborted).toBe(false);
    clock.advance(1);
    expect(held.signal.aborted).toBe(true);
    held.end(done);
    await stop;
  });

  it('lets go of those who wait for it to be idle', async () => {
    queue.wake('a');
    const idle = queue.idle();
    await queue.stop();
    await expect(idle).resolves.toBeUndefined();
  });

  it('may be asked twice', async () => {
    await Promise.all([queue.stop(), queue.stop()]);
    await expect(queue.stop()).resolves.toBeUndefined();
  });
});
