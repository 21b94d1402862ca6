// How large a pod's definition may be: decided on the whole definition as the event would leave it, so that the limit
// holds however many changes a pod is made in.
import type { PodDefinition, PodEvent } from '@pods/contracts';
import type { CommandContext, PodCommand, PodRefusal, PodState } from '@pods/domain-pods';
import { isLive } from '@pods/domain-pods';
import type { Decision } from '@pods/event-store';
import { definitionBytesMax } from '../limits.ts';

/** The definition would have more than `bytesMax` bytes as JSON. */
export interface DefinitionTooLarge {
  readonly code: 'DefinitionTooLarge';
  readonly bytesMax: number;
}

type Decide<Refusal> = (state: PodState, command: PodCommand, context: CommandContext) => Decision<PodEvent, Refusal>;

/** The same decisions, but for those that would make a definition too large, or one that is too large larger. */
export function withinSize(decide: Decide<PodRefusal>): Decide<PodRefusal | DefinitionTooLarge> {
  return (state, command, context) => {
    const decision = decide(state, command, context);
    if (decision.kind !== 'event') return decision;
    const after = sizeAfter(state, decision.event);
    if (after <= definitionBytesMax || after <= sizeBefore(state)) return decision;
    return { kind: 'refused', refusal: { code: 'DefinitionTooLarge', bytesMax: definitionBytesMax } };
  };
}

function sizeAfter(state: PodState, event: PodEvent): number {
  if (event.type === 'PodCreated') return bytesOf(event.definition);
  if (event.type !== 'PodUpdated' || !isLive(state)) return 0;
  return bytesOf({ ...state.definition, ...event.changes });
}

function sizeBefore(state: PodState): number {
  return isLive(state) ? bytesOf(state.definition) : 0;
}

function bytesOf(definition: { readonly [Field in keyof PodDefinition]: unknown }): number {
  return Buffer.byteLength(JSON.stringify(definition));
}
