// Random orders of wake-ups, ends of passes and time, against what the queue promises whatever the order.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeyedQueue, type Outcome } from './keyed-queue.ts';
import { heldPasses, turns } from './spec-held-passes.ts';
import { manualClock } from './testing/manual-clock.ts';

const backoff = { minMs: 100, maxMs: 2000 };
const concurrency = 2;

type Step =
  | { readonly do: 'wake'; readonly key: string }
  | { readonly do: 'end'; readonly which: number; readonly outcome: Outcome }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'turn' };

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant({ kind: 'done' } as const),
  fc.record({
    kind: fc.constant('wait' as const),
    afterMs: fc.integer({ min: 0, max: 3000 }),
    reason: fc.constant('spec'),
  }),
  fc.constant({ kind: 'retry', reason: 'spec' } as const),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wake' as const), key: fc.constantFrom('a', 'b', 'c', 'd') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(concurrency - 1), outcome }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 1500 }) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'turn' } as const) },
);

/** Watches one queue; a broken promise is a line in `broken`. */
function watchedQueue() {
  const clock = manualClock(0);
  const broken: string[] = [];
  const runningKeys = new Set<string>();
  /** Keys that must run again: woken, or put off, since their last start. */
  const owed = new Set<string>();
  const notBefore = new Map<string, number>();
  const passes = heldPasses((key) => {
    if (runningKeys.has(key)) broken.push(`two passes of ${key} at once`);
    if (clock.now() < (notBefore.get(key) ?? 0)) broken.push(`${key} ran before its least delay`);
    runningKeys.add(key);
    if (runningKeys.size > concurrency) broken.push('too many passes at once');
    owed.delete(key);
  });
  const queue = createKeyedQueue({ concurrency, run: passes.run, clock, backoff });
  const end = (which: number, how: Outcome): void => {
    const pass = passes.running()[which];
    if (pass === undefined || !runningKeys.has(pass.key)) return;
    runningKeys.delete(pass.key);
    notBefore.set(pass.key, how.kind === 'retry' ? clock.now() + backoff.minMs : 0);
    if (how.kind !== 'done') owed.add(pass.key);
    pass.end(how);
  };
  const wake = (key: string): void => {
    owed.add(key);
    queue.wake(key);
  };
  return { clock, queue, passes, broken, owed, end, wake };
}

async function play(steps: readonly Step[]): Promise<readonly string[]> {
  const { clock, queue, passes, broken, owed, end, wake } = watchedQueue();
  for (const now of steps) {
    switch (now.do) {
      case 'wake':
        wake(now.key);
        break;
      case 'end':
        end(now.which, now.outcome);
        // The outcome takes effect before time moves on.
        await turns();
        break;
      case 'advance':
        clock.advance(now.ms);
        break;
      case 'turn':
        await turns();
        break;
    }
  }
  for (let round = 0; round < 50 && (owed.size > 0 || passes.running().length > 0); round += 1) {
    end(0, { kind: 'done' });
    await turns();
    clock.advance(3000);
    await turns();
  }
  if (owed.size > 0) broken.push(`never ran again: ${[...owed].join(', ')}`);
  await queue.idle();
  if (clock.pending() > 0) broken.push('timers are left over');
  return broken;
}

it('never runs a key twice at once, never loses a wake-up or a promised pass, never retries before the least delay', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      expect(await play(steps)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
