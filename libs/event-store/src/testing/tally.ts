// A small domain for specs of the store: a tally that is opened, counted up, and closed. A closed one can be
// opened again under its name.
import type { Aggregate } from '../aggregate.ts';
import type { RecordedEvent } from '../port.ts';

export type TallyEvent =
  | { readonly type: 'TallyOpened'; readonly round: number }
  | { readonly type: 'TallyAdded'; readonly amount: number }
  | { readonly type: 'TallyClosed'; readonly round: number };

export interface TallyState {
  readonly open: boolean;
  readonly round: number;
  readonly sum: number;
  /** Time of the newest event, as the log says. */
  readonly changedAt: string;
}

export type TallyCommand =
  | { readonly type: 'Open' }
  | { readonly type: 'Add'; readonly amount: number }
  | { readonly type: 'Close' };

export type TallyRefusal = 'not-open' | 'already-open';

function parse({ type, body }: RecordedEvent): TallyEvent | undefined {
  const number = (name: string): number => {
    const value = body[name];
    if (typeof value !== 'number') throw new TypeError(`${type} without ${name}`);
    return value;
  };
  if (type === 'TallyOpened') return { type, round: number('round') };
  if (type === 'TallyAdded') return { type, amount: number('amount') };
  if (type === 'TallyClosed') return { type, round: number('round') };
  return undefined;
}

export const tallyAggregate: Aggregate<TallyState, TallyCommand, TallyEvent, TallyRefusal> = {
  initial: { open: false, round: 0, sum: 0, changedAt: '' },
  evolve: (state, event, { at }) => {
    switch (event.type) {
      case 'TallyOpened':
        return { open: true, round: event.round, sum: 0, changedAt: at };
      case 'TallyAdded':
        return { ...state, sum: state.sum + event.amount, changedAt: at };
      case 'TallyClosed':
        return { open: false, round: event.round, sum: 0, changedAt: at };
    }
  },
  decide: (state, command) => {
    switch (command.type) {
      case 'Open':
        if (state.open) return { kind: 'refused', refusal: 'already-open' };
        return { kind: 'event', event: { type: 'TallyOpened', round: state.round + 1 } };
      case 'Add':
        if (!state.open) return { kind: 'refused', refusal: 'not-open' };
        if (command.amount === 0) return { kind: 'nothing', why: 'adds nothing' };
        return { kind: 'event', event: { type: 'TallyAdded', amount: command.amount } };
      case 'Close':
        if (!state.open) return { kind: 'refused', refusal: 'not-open' };
        return { kind: 'event', event: { type: 'TallyClosed', round: state.round } };
    }
  },
  parse,
  stateFromLast: (event, { at }) =>
    event.type === 'TallyClosed' ? { open: false, round: event.round, sum: 0, changedAt: at } : undefined,
  isGone: (state) => !state.open,
  schemaVersion: 1,
};
