// One way to write: load, fold, decide, append with the expected version, and after a conflict again from the log.
import { randomUUID } from 'node:crypto';
import type { Aggregate, CommandContext, Decision, Folded } from './aggregate.ts';
import { emptyFold } from './fold.ts';
import { loadFromLog } from './load.ts';
import type { EventLog, HistoryKey, NewEvent } from './port.ts';

/** An object whose history holds events of a newer software version: nothing may be decided on it. */
export class NewerThanMeError extends Error {
  override readonly name = 'NewerThanMeError';
  readonly code = 'newer_than_me';
  readonly retryable = true;
}

/** More conflicts in a row than any healthy system has. */
export class TooManyConflictsError extends Error {
  override readonly name = 'TooManyConflictsError';
  readonly code = 'too_many_conflicts';
  readonly retryable = true;
}

export type CommandResult<State, Event, Refusal> =
  | {
      readonly kind: 'appended';
      readonly event: Event;
      readonly version: number;
      readonly seq: number;
      readonly before: Folded<State>;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly at: Folded<State> }
  | { readonly kind: 'nothing'; readonly why: string; readonly at: Folded<State> }
  | { readonly kind: 'repeated'; readonly version: number; readonly at: Folded<State> };

export interface CommandDeps<State, Command, Event extends { readonly type: string }, Refusal> {
  readonly log: EventLog;
  readonly aggregate: Aggregate<State, Command, Event, Refusal>;
  /** The replica's fold, or undefined when it has none: then the log is asked. */
  readonly cached: (key: HistoryKey) => Folded<State> | undefined;
  /**
   * Whether an object without a cached fold is taken for one that never was, which saves asking the log. If that is wrong, the
   * append meets what is there, and the command is decided on that.
   */
  readonly presumesNew?: (key: HistoryKey) => boolean;
  /** Called before an append; throws for a type that this app may not write. */
  readonly assertMayEmit: (type: string) => void;
}

const attemptsMax = 50;

/**
 * Decides and appends. Retries on conflict only, each time deciding anew on the history as the log has it.
 * @throws NewerThanMeError, TooManyConflictsError, and what {@link EventLog.append} throws.
 */
export async function handleCommand<State, Command, Event extends { readonly type: string }, Refusal>(
  deps: CommandDeps<State, Command, Event, Refusal>,
  key: HistoryKey,
  context: CommandContext,
  command: Command,
): Promise<CommandResult<State, Event, Refusal>> {
  let { at, isPresumed } = await firstFold(deps, key);
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    if (at.newerThanMe) throw new NewerThanMeError(`the history of ${key.join('/')} holds events of a newer version`);
    const decision: Decision<Event, Refusal> = deps.aggregate.decide(at.state, command, context);
    if (decision.kind !== 'event') {
      if (!isPresumed) return withoutEvent(decision, at);
      // No append would find out that there is something after all.
      isPresumed = false;
      at = await loadFromLog(deps, key);
      continue;
    }
    deps.assertMayEmit(decision.event.type);
    const version = at.version + 1;
    const outcome = await deps.log.append(
      key,
      version,
      encode(deps.aggregate.schemaVersion, decision.event, at, context),
      at.seq,
    );
    if (outcome.kind === 'appended') {
      return { kind: 'appended', event: decision.event, version, seq: outcome.seq, before: at };
    }
    isPresumed = false;
    at = await loadFromLog(deps, key, { fresh: true });
  }
  throw new TooManyConflictsError(`${attemptsMax} conflicts in a row on ${key.join('/')}`);
}

interface FirstFold<State> {
  readonly at: Folded<State>;
  readonly isPresumed: boolean;
}

/** What a command is decided on when there has been no conflict. */
async function firstFold<State, Command, Event extends { readonly type: string }, Refusal>(
  deps: CommandDeps<State, Command, Event, Refusal>,
  key: HistoryKey,
): Promise<FirstFold<State>> {
  const known = deps.cached(key);
  if (known !== undefined) return { at: known, isPresumed: false };
  if (deps.presumesNew?.(key) === true) return { at: emptyFold(deps.aggregate), isPresumed: true };
  return { at: await loadFromLog(deps, key), isPresumed: false };
}

function withoutEvent<State, Event, Refusal>(
  decision: Exclude<Decision<Event, Refusal>, { readonly kind: 'event' }>,
  at: Folded<State>,
): CommandResult<State, Event, Refusal> {
  switch (decision.kind) {
    case 'refused':
      return { kind: 'refused', refusal: decision.refusal, at };
    case 'repeated':
      return { kind: 'repeated', version: decision.version, at };
    case 'nothing':
      return { kind: 'nothing', why: decision.why, at };
  }
}

function encode(
  schema: number,
  event: { readonly type: string },
  at: { readonly hash: string },
  context: CommandContext,
): NewEvent {
  const { type, ...body } = event;
  return {
    eventId: randomUUID(),
    type,
    causeId: context.commandId,
    causeHash: context.commandHash,
    actor: context.actor,
    schema,
    previousHash: at.hash,
    body,
  };
}
