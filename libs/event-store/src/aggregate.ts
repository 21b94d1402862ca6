// What the store needs to know of a domain: three pure functions and a few names.
import type { HistoryKey, RecordedEvent, Version } from './port.ts';

/** What a fold may know of an event beside its content. */
export interface EventMeta {
  readonly key: HistoryKey;
  readonly version: Version;
  /** The log's own time, ISO 8601 in UTC. */
  readonly at: string;
  readonly actor: string;
  readonly causeId: string;
  readonly causeHash: string;
}

/** Who asks, and under which id: the same id is the same command. */
export interface CommandContext {
  readonly commandId: string;
  /** SHA-256 of the command's content. */
  readonly commandHash: string;
  readonly actor: string;
}

export type Decision<Event, Refusal> =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The state already is what was asked for, or the fact is of no interest. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** A command with this id was carried out before: the event at `version` is its outcome. */
  | { readonly kind: 'repeated'; readonly version: Version };

export interface Aggregate<State, Command, Event extends { readonly type: string }, Refusal> {
  readonly initial: State;
  /** Total: any event at any state, never throws. */
  readonly evolve: (state: State, event: Event, meta: EventMeta) => State;
  readonly decide: (state: State, command: Command, context: CommandContext) => Decision<Event, Refusal>;
  /**
   * Undefined for a type that this version does not know: the object is then "newer than me".
   * @throws an error that says which fields of a known type do not fit.
   */
  readonly parse: (event: RecordedEvent) => Event | undefined;
  /** The state after `last` when that event alone decides it (a tombstone): saves reading the whole history. */
  readonly stateFromLast: (event: Event, meta: EventMeta) => State | undefined;
  /** Whether the object is gone: replicas and snapshots then keep no state of it. */
  readonly isGone: (state: State) => boolean;
  readonly schemaVersion: number;
}

/** An object's fold with its place in the log. */
export interface Folded<State> {
  readonly state: State;
  /** 0 before the first event. */
  readonly version: Version;
  /** Hash of the event at `version`. */
  readonly hash: string;
  /** Stream sequence of the event at `version`; 0 before the first. */
  readonly seq: number;
  /** True when an event of the history is of an unknown type: reads go on, decisions are refused. */
  readonly newerThanMe: boolean;
}
