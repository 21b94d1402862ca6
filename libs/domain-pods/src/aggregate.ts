// The pod as the event store sees it: the pure functions under one name.
import type { PodEvent } from '@pods/contracts';
import { isPodEventType, parsePodEvent, podEventSchemaVersion } from '@pods/contracts';
import { decide } from './decide.ts';
import { evolve, stateFromLast } from './evolve.ts';
import type { PodState } from './state.ts';
import { isLive, noPod } from './state.ts';

/** Undefined for a type this version does not know. @throws MalformedPodEventError for an unreadable body. */
function parse(recorded: { readonly type: string; readonly body: object }): PodEvent | undefined {
  return isPodEventType(recorded.type) ? parsePodEvent(recorded.type, recorded.body) : undefined;
}

export const podAggregate = {
  initial: noPod,
  evolve,
  decide,
  parse,
  stateFromLast,
  isGone: (state: PodState): boolean => !isLive(state),
  schemaVersion: podEventSchemaVersion,
};
