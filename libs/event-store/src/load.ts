// Loading one object's fold from the log, by index.
import type { Folded } from './aggregate.ts';
import type { Foldable, OnUnreadable } from './fold.ts';
import { emptyFold, foldEvent, foldEvents } from './fold.ts';
import type { EventLog, HistoryKey, Version } from './port.ts';

export interface LoadDeps<State, Event extends { readonly type: string }> {
  readonly log: EventLog;
  readonly aggregate: Foldable<State, Event>;
  readonly onUnreadable?: OnUnreadable;
}

export interface LoadOptions {
  /** Ask the log's leader, not whichever copy is nearest: after a conflict, or before something is destroyed. */
  readonly fresh?: boolean;
}

/**
 * The fold of an object as the log has it now. One read when there is no history or the last event alone
 * decides the state; otherwise the whole history by index.
 */
export async function loadFromLog<State, Event extends { readonly type: string }>(
  deps: LoadDeps<State, Event>,
  key: HistoryKey,
  options: LoadOptions = {},
): Promise<Folded<State>> {
  const empty = emptyFold(deps.aggregate);
  const last = await deps.log.last(key, options);
  if (last === undefined) return empty;
  // On its own, only an event that decides the state alone leaves a fold that may be decided on.
  const fromLast = foldEvent(deps.aggregate, empty, last);
  if (!fromLast.newerThanMe) return fromLast;
  return foldEvents(deps.aggregate, empty, await deps.log.read(key, 1, last.version), deps.onUnreadable);
}

/**
 * The fold exactly at `version`, on top of `at` when that is an earlier one; undefined when the log has no such
 * event. An event that decides the state alone, there or just before, saves reading the rest.
 */
export async function loadAtVersion<State, Event extends { readonly type: string }>(
  deps: LoadDeps<State, Event>,
  key: HistoryKey,
  version: Version,
  at: Folded<State> = emptyFold(deps.aggregate),
): Promise<Folded<State> | undefined> {
  if (at.version === version) return at;
  const empty = emptyFold(deps.aggregate);
  const wanted = await deps.log.readAt(key, version);
  if (wanted === undefined) return undefined;
  const alone = foldEvent(deps.aggregate, empty, wanted);
  if (!alone.newerThanMe) return alone;
  const previous = await deps.log.readAt(key, version - 1);
  const before = previous === undefined ? undefined : foldEvent(deps.aggregate, empty, previous);
  if (before !== undefined && !before.newerThanMe) return foldEvent(deps.aggregate, before, wanted, deps.onUnreadable);
  const start = at.version < version ? at : empty;
  const events = await deps.log.read(key, start.version + 1, version);
  return foldEvents(deps.aggregate, start, events, deps.onUnreadable);
}
