// Folding a history: the one way in which an event changes a fold, for loading and for following alike.
import type { Aggregate, EventMeta, Folded } from './aggregate.ts';
import type { RecordedEvent } from './port.ts';
import { genesisHash } from './port.ts';

/** What folding needs of an aggregate. */
export type Foldable<State, Event extends { readonly type: string }> = Pick<
  Aggregate<State, never, Event, unknown>,
  'initial' | 'evolve' | 'parse' | 'stateFromLast'
>;

/** Called for an event of a known type whose body does not fit: the object counts as newer than us. */
export type OnUnreadable = (event: RecordedEvent, error: unknown) => void;

/** The fold before the first event. */
export function emptyFold<State>(aggregate: { readonly initial: State }): Folded<State> {
  return { state: aggregate.initial, version: 0, hash: genesisHash, seq: 0, newerThanMe: false };
}

/** What the log says of an event beside its body. */
export function metaOf(event: RecordedEvent): EventMeta {
  const { key, version, at, actor, causeId, causeHash } = event;
  return { key, version, at, actor, causeId, causeHash };
}

/**
 * The fold after one more event. Total: an unknown type, an unreadable body or a missing predecessor leaves the
 * state and marks the fold; an event that decides the state alone (a tombstone) lifts the mark.
 */
export function foldEvent<State, Event extends { readonly type: string }>(
  aggregate: Foldable<State, Event>,
  at: Folded<State>,
  event: RecordedEvent,
  onUnreadable?: OnUnreadable,
): Folded<State> {
  const place = { version: event.version, hash: event.hash, seq: event.seq };
  const known = parseSafely(aggregate, event, onUnreadable);
  if (known === undefined) return { ...place, state: at.state, newerThanMe: true };
  const meta = metaOf(event);
  const decidedAlone = aggregate.stateFromLast(known, meta);
  if (decidedAlone !== undefined) return { ...place, state: decidedAlone, newerThanMe: false };
  if (event.version !== at.version + 1) return { ...place, state: at.state, newerThanMe: true };
  return { ...place, state: aggregate.evolve(at.state, known, meta), newerThanMe: at.newerThanMe };
}

/** The fold of a run of events on top of `at`. */
export function foldEvents<State, Event extends { readonly type: string }>(
  aggregate: Foldable<State, Event>,
  at: Folded<State>,
  events: readonly RecordedEvent[],
  onUnreadable?: OnUnreadable,
): Folded<State> {
  return events.reduce((folded, event) => foldEvent(aggregate, folded, event, onUnreadable), at);
}

function parseSafely<State, Event extends { readonly type: string }>(
  aggregate: Foldable<State, Event>,
  event: RecordedEvent,
  onUnreadable: OnUnreadable | undefined,
): Event | undefined {
  try {
    return aggregate.parse(event);
  } catch (error) {
    onUnreadable?.(event, error);
    return undefined;
  }
}
