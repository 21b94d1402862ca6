// Makes tallies change, and keeps a record of every event in the order of the log, to compare with.
import fc from 'fast-check';
import { handleCommand } from '../handle-command.ts';
import type { EventLog, HistoryKey } from '../port.ts';
import { keyToString } from '../replica/replica.ts';
import type { TallyCommand, TallyEvent } from './tally.ts';
import { tallyAggregate } from './tally.ts';

export interface TallyRecord {
  readonly key: string;
  readonly version: number;
  readonly seq: number;
  readonly type: TallyEvent['type'];
}

export interface TallyDesk {
  readonly records: readonly TallyRecord[];
  /** Carries out a command; undefined when it was refused or had nothing to do. */
  readonly tell: (key: HistoryKey, command: TallyCommand) => Promise<TallyRecord | undefined>;
  /** Opens a tally and adds to it `adds` times. */
  readonly make: (key: HistoryKey, adds: number) => Promise<TallyRecord>;
  /** A random command to one of `count` tallies. */
  readonly tellAny: (count: number) => Promise<TallyRecord | undefined>;
}

const anyCommand = fc.oneof(
  { weight: 3, arbitrary: fc.constant<TallyCommand>({ type: 'Open' }) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }).map((amount): TallyCommand => ({ type: 'Add', amount })) },
  { weight: 1, arbitrary: fc.constant<TallyCommand>({ type: 'Close' }) },
);

export function createTallyDesk(log: EventLog): TallyDesk {
  const records: TallyRecord[] = [];
  const deps = { log, aggregate: tallyAggregate, cached: () => undefined, assertMayEmit: () => {} };
  const tell: TallyDesk['tell'] = async (key, command) => {
    const context = { commandId: crypto.randomUUID(), commandHash: '', actor: 'ada' };
    const result = await handleCommand(deps, key, context, command);
    if (result.kind !== 'appended') return undefined;
    const record = { key: keyToString(key), version: result.version, seq: result.seq, type: result.event.type };
    records.push(record);
    return record;
  };
  return {
    records,
    tell,
    make: async (key, adds) => {
      let last = await tell(key, { type: 'Open' });
      for (let each = 0; each < adds; each += 1) last = await tell(key, { type: 'Add', amount: 1 });
      if (last === undefined) throw new Error('the tally was open already');
      return last;
    },
    tellAny: async (count) => {
      const [choice] = fc.sample(fc.tuple(anyCommand, fc.integer({ min: 1, max: count })), 1);
      return choice && tell(['lab', `tally${choice[1]}`], choice[0]);
    },
  };
}
