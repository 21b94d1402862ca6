// The memory of a replica: events that are missed, repeated or old change nothing about where it ends.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadFromLog } from '../load.ts';
import type { MemoryLog } from '../memory/memory-log.ts';
import { createMemoryLog } from '../memory/memory-log.ts';
import { createTallyDesk } from '../testing/tally-desk.ts';
import type { TallyState } from '../testing/tally.ts';
import { tallyAggregate } from '../testing/tally.ts';
import type { ReplicaCore } from './replica-core.ts';
import { createReplicaCore } from './replica-core.ts';
import { ReplicaFailedError } from './replica.ts';

const key = ['lab', 'alpha'];
let log: MemoryLog;
beforeEach(() => {
  log = createMemoryLog();
});

function coreOf(some: MemoryLog, onListenerError?: (error: unknown) => void): ReplicaCore<TallyState> {
  const close = async (): Promise<void> => {};
  return createReplicaCore({
    aggregate: tallyAggregate,
    log: some,
    close,
    ...(onListenerError && { onListenerError }),
  });
}

describe('the memory of a replica', () => {
  it('ends where the log ends although events are missing, repeated and out of date', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.constantFrom('take', 'take', 'miss', 'repeat'), { minLength: 40, maxLength: 40 }),
        async (steps, fates) => {
          const some = createMemoryLog();
          const desk = createTallyDesk(some);
          for (let step = 0; step < steps; step += 1) await desk.tellAny(2);
          const events = some.all();
          const newest = new Map(events.map((event) => [event.key.join('.'), event.seq]));
          const core = coreOf(some);
          for (const event of events) {
            const isNewest = newest.get(event.key.join('.')) === event.seq;
            const fate = isNewest ? 'take' : fates[event.seq - 1];
            if (fate !== 'miss') await core.apply(event);
            const earlier = events[Math.floor(event.seq / 2)];
            if (fate === 'repeat' && earlier !== undefined && earlier.seq < event.seq) await core.apply(earlier);
          }
          expect(core.appliedSeq).toBe(events.length);
          for (const name of ['tally1', 'tally2']) {
            const folded = await loadFromLog({ log: some, aggregate: tallyAggregate }, ['lab', name]);
            expect(core.get(['lab', name])).toEqual(folded.state.open ? folded : undefined);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes nothing for new that was gone by the time of the snapshot', async () => {
    const desk = createTallyDesk(log);
    await desk.make(key, 1);
    await desk.tell(key, { type: 'Close' });
    await desk.make(key, 0);
    const core = coreOf(log);
    core.preload({
      seq: 0,
      hash: '',
      folds: new Map(),
      gone: new Map([['lab.alpha', { version: 3, seq: 3, at: '' }]]),
    });
    const seen: number[] = [];
    core.subscribe((_key, _folded, event) => seen.push(event.version));
    for (const event of log.all()) await core.apply(event);
    expect(seen).toEqual([4]);
    expect(core.get(key)?.state.round).toBe(2);
  });

  it('goes on when a listener throws', async () => {
    const errors: unknown[] = [];
    const core = coreOf(log, (error) => errors.push(error));
    const seen: string[] = [];
    core.subscribe(() => {
      throw new Error('a bug');
    });
    const unsubscribe = core.subscribe((name) => seen.push(name));
    await createTallyDesk(log).make(key, 1);
    const [first, second] = log.all();
    if (first !== undefined) await core.apply(first);
    unsubscribe();
    if (second !== undefined) await core.apply(second);
    expect(errors).toHaveLength(2);
    expect(seen).toEqual(['lab.alpha']);
  });

  it('tells everybody who waits when it fails', async () => {
    const core = coreOf(log);
    const waiting = Promise.allSettled([
      core.caughtUp,
      core.whenApplied(1, { deadlineMs: 60_000 }),
      core.whenVersion(key, 1, { deadlineMs: 60_000 }),
    ]);
    await log.last(key);
    core.fail(new ReplicaFailedError('another log'));
    for (const outcome of await waiting)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'log_rewound' } });
    await expect(core.whenApplied(1, { deadlineMs: 60_000 })).rejects.toBeInstanceOf(ReplicaFailedError);
  });

  it('takes the log’s word for a version that does not exist', async () => {
    const core = coreOf(log);
    await createTallyDesk(log).make(key, 1);
    for (const event of log.all()) await core.apply(event);
    await expect(core.whenVersion(key, 3, { deadlineMs: 10 })).rejects.toMatchObject({ code: 'replica_behind' });
  });
});
