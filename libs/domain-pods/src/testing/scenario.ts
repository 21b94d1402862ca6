// given(events).when(command).then(...): the form of every decision spec.
import type { PodEvent } from '@pods/contracts';
import type { PodCommand, PodRefusal } from '../commands.ts';
import type { CommandContext, Decision } from '../decide.ts';
import { decide } from '../decide.ts';
import { evolve } from '../evolve.ts';
import type { LivePod, PodState } from '../state.ts';
import { isLive, noPod } from '../state.ts';
import { metaAt } from './builders.ts';

/** Folds events as versions 1, 2, 3… */
export function foldEvents(events: readonly PodEvent[]): PodState {
  return events.reduce<PodState>((state, event, index) => evolve(state, event, metaAt(index + 1)), noPod);
}

/** As {@link foldEvents}. @throws when the pod does not exist at the end. */
export function foldLive(events: readonly PodEvent[]): LivePod {
  const state = foldEvents(events);
  if (!isLive(state)) throw new Error(`the history ends with no pod: ${state.status}`);
  return state;
}

const anyContext: CommandContext = { commandId: 'new-command', commandHash: 'new-hash', actor: 'ada' };

export interface Scenario {
  /** The decision on the command after the given history. */
  readonly when: (command: PodCommand, context?: Partial<CommandContext>) => Decision;
}

export function given(...events: readonly PodEvent[]): Scenario {
  return { when: (command, context = {}) => decide(foldEvents(events), command, { ...anyContext, ...context }) };
}

export const event = (happened: PodEvent): Decision => ({ kind: 'event', event: happened });
export const refused = (refusal: PodRefusal): Decision => ({ kind: 'refused', refusal });
