// Commands on the in-memory twin: decided on what the log says, decided again after a conflict, and never on an
// object that holds events of a newer version.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CommandResult } from './handle-command.ts';
import { handleCommand, NewerThanMeError } from './handle-command.ts';
import { verifyHistory } from './hash.ts';
import { loadAtVersion, loadFromLog } from './load.ts';
import type { MemoryLog } from './memory/memory-log.ts';
import { createMemoryLog } from './memory/memory-log.ts';
import { createMemoryReplica } from './memory/memory-replica.ts';
import type { EventLog } from './port.ts';
import { sampleEvent } from './testing/event-log-contract.ts';
import { createTallyDesk } from './testing/tally-desk.ts';
import type { TallyCommand, TallyEvent, TallyRefusal, TallyState } from './testing/tally.ts';
import { tallyAggregate } from './testing/tally.ts';

const key = ['lab', 'alpha'];
let log: MemoryLog;
beforeEach(() => {
  log = createMemoryLog();
});

function tell(
  command: TallyCommand,
  deps: Partial<Parameters<typeof handleCommand<TallyState, TallyCommand, TallyEvent, TallyRefusal>>[0]> = {},
): Promise<CommandResult<TallyState, TallyEvent, TallyRefusal>> {
  return handleCommand(
    { log, aggregate: tallyAggregate, cached: () => undefined, assertMayEmit: () => {}, ...deps },
    key,
    { commandId: 'command-1', commandHash: 'hash-1', actor: 'ada' },
    command,
  );
}

describe('a command', () => {
  it('appends one event that names its cause and its predecessor', async () => {
    await tell({ type: 'Open' });
    expect(await tell({ type: 'Add', amount: 2 })).toMatchObject({ kind: 'appended', version: 2, seq: 2 });
    const history = await log.read(key);
    expect(history[1]).toMatchObject({ actor: 'ada', causeId: 'command-1', causeHash: 'hash-1', body: { amount: 2 } });
    expect(verifyHistory(history)).toMatchObject({ ok: true });
  });

  it('that is refused, or finds nothing to do, appends nothing', async () => {
    expect(await tell({ type: 'Close' })).toMatchObject({ kind: 'refused', refusal: 'not-open' });
    await tell({ type: 'Open' });
    expect(await tell({ type: 'Add', amount: 0 })).toMatchObject({ kind: 'nothing' });
    expect(await log.read(key)).toHaveLength(1);
  });

  it('is decided again on the log when the cached fold is out of date', async () => {
    await tell({ type: 'Open' });
    const stale = await loadFromLog({ log, aggregate: tallyAggregate }, key);
    await tell({ type: 'Close' });
    expect(await tell({ type: 'Close' }, { cached: () => stale })).toMatchObject({
      kind: 'refused',
      refusal: 'not-open',
    });
    expect(await log.read(key)).toHaveLength(2);
  });

  it('is decided again on a log that was put back shorter, and leaves no gap in it', async () => {
    await tell({ type: 'Open' });
    await tell({ type: 'Add', amount: 1 });
    await tell({ type: 'Add', amount: 2 });
    const before = await loadFromLog({ log, aggregate: tallyAggregate }, key);
    log = createMemoryLog();
    expect(await tell({ type: 'Add', amount: 3 }, { cached: () => before })).toMatchObject({ kind: 'refused' });
    await tell({ type: 'Open' });
    expect(await tell({ type: 'Add', amount: 3 }, { cached: () => before })).toMatchObject({ version: 2 });
    expect((await log.read(key)).map((event) => event.version)).toEqual([1, 2]);
  });

  it('is not decided on a history with an event of an unknown type, unless what came after says it all', async () => {
    await tell({ type: 'Open' });
    await log.append(key, 2, sampleEvent({ type: 'TallyDoubled' }));
    await expect(tell({ type: 'Add', amount: 1 })).rejects.toBeInstanceOf(NewerThanMeError);
    expect(await log.read(key)).toHaveLength(2);
    await log.append(key, 3, sampleEvent({ type: 'TallyClosed', body: { round: 1 } }));
    expect(await tell({ type: 'Open' })).toMatchObject({ kind: 'appended', version: 4, event: { round: 2 } });
  });

  it('is not decided on such a history either when known events came after: what they build on is not known', async () => {
    await tell({ type: 'Open' });
    await log.append(key, 2, sampleEvent({ type: 'TallyDoubled' }));
    await log.append(key, 3, sampleEvent({ type: 'TallyAdded', body: { amount: 1 } }));
    await expect(tell({ type: 'Add', amount: 1 })).rejects.toBeInstanceOf(NewerThanMeError);
    expect(await log.read(key)).toHaveLength(3);
  });

  it('asks the leader after a conflict: a copy that lags would let it collide again and again', async () => {
    await tell({ type: 'Open' });
    const opened = await log.last(key);
    await tell({ type: 'Add', amount: 1 });
    const lagging: EventLog = { ...log, last: async (of, options) => (options?.fresh ? log.last(of) : opened) };
    expect(await tell({ type: 'Close' }, { log: lagging })).toMatchObject({ kind: 'appended', version: 3 });
  });

  it('on an object that is taken for new asks the log for nothing but the append', async () => {
    const silent: EventLog = { ...log, last: () => Promise.reject(new Error('the log was asked')) };
    expect(await tell({ type: 'Open' }, { log: silent, presumesNew: () => true })).toMatchObject({ version: 1 });
  });

  it('on an object that is wrongly taken for new is decided on its history, whatever comes of it', async () => {
    await tell({ type: 'Open' });
    await tell({ type: 'Add', amount: 2 });
    const wrongly = { presumesNew: () => true };
    expect(await tell({ type: 'Open' }, wrongly)).toMatchObject({ kind: 'refused', at: { version: 2 } });
    expect(await tell({ type: 'Add', amount: 3 }, wrongly)).toMatchObject({ kind: 'appended', version: 3 });
    await tell({ type: 'Close' });
    expect(await tell({ type: 'Open' }, wrongly)).toMatchObject({ kind: 'appended', version: 5, event: { round: 2 } });
    expect(verifyHistory(await log.read(key))).toMatchObject({ ok: true, version: 5 });
  });

  it('on an object that is rightly taken for new is refused only once the log was asked', async () => {
    expect(await tell({ type: 'Close' }, { presumesNew: () => true })).toMatchObject({ kind: 'refused' });
    await log.append(key, 1, sampleEvent({ type: 'TallyDoubled' }));
    await expect(tell({ type: 'Close' }, { presumesNew: () => true })).rejects.toBeInstanceOf(NewerThanMeError);
  });

  it('gives an event that must not be written to nobody', async () => {
    const assertMayEmit = (): void => {
      throw new TypeError('not yours');
    };
    await expect(tell({ type: 'Open' }, { assertMayEmit })).rejects.toThrow('not yours');
    expect(await log.read(key)).toEqual([]);
  });

  it('from many at once takes effect once each, however they collide', async () => {
    await tell({ type: 'Open' });
    const slow: EventLog = { ...log, last: async (...args) => (await Promise.resolve(), log.last(...args)) };
    await Promise.all(Array.from({ length: 20 }, () => tell({ type: 'Add', amount: 1 }, { log: slow })));
    expect((await loadFromLog({ log, aggregate: tallyAggregate }, key)).state.sum).toBe(20);
  });
});

describe('folds', () => {
  it('are the same however they come about: whole, up to a version, or followed event by event', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (steps) => {
        const some = createMemoryLog();
        const replica = createMemoryReplica(some, tallyAggregate);
        const desk = createTallyDesk(some);
        for (let step = 0; step < steps; step += 1) await desk.tellAny(3);
        for (const name of ['tally1', 'tally2', 'tally3']) {
          const whole = await loadFromLog({ log: some, aggregate: tallyAggregate }, ['lab', name]);
          if (whole.version === 0) continue;
          await replica.whenApplied(desk.records.length, { deadlineMs: 1000 });
          expect(await replica.whenVersion(['lab', name], whole.version, { deadlineMs: 1000 })).toEqual(whole);
          expect(replica.get(['lab', name])).toEqual(whole.state.open ? whole : undefined);
          const part = await loadAtVersion({ log: some, aggregate: tallyAggregate }, ['lab', name], whole.version);
          expect(part).toEqual(whole);
        }
      }),
      { numRuns: 40 },
    );
  });
});
