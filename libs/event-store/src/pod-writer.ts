// How an app writes pod events: bound to the app, so that it can emit its own and no others. The types hold it
// for deciders that say what they emit; the table of contracts holds it again before each append.
import type { PodEvent, PodEventBy, PodEventEmitter, PodKey } from '@pods/contracts';
import { mayEmit } from '@pods/contracts';
import type { Aggregate, CommandContext, Decision } from './aggregate.ts';
import type { CommandResult } from './handle-command.ts';
import { handleCommand } from './handle-command.ts';
import type { EventLog } from './port.ts';
import type { Replica } from './replica/replica.ts';

/** A bug: an app was about to write an event that is another app's to write. */
export class ForeignEventError extends Error {
  override readonly name = 'ForeignEventError';
}

/** Decides commands and emits events of one app only. */
export type DecideAs<App extends PodEventEmitter, State, Command, Refusal> = (
  state: State,
  command: Command,
  context: CommandContext,
) => Decision<PodEventBy<App>, Refusal>;

export interface PodWriterOptions<App extends PodEventEmitter, State, Command, Refusal> {
  readonly app: App;
  readonly log: EventLog;
  /**
   * Its folds save asking the log; without one every command is decided on what the log says. So it is when the replica
   * has failed: an event at the version after a fold of another log would leave a gap in this one. What one that has caught
   * up does not know is taken for new.
   */
  readonly replica?: Pick<Replica<State>, 'get'> & Partial<Pick<Replica<State>, 'failure' | 'isCaughtUp'>>;
  readonly aggregate: Omit<Aggregate<State, never, PodEvent, unknown>, 'decide'>;
  readonly decide: DecideAs<App, State, Command, Refusal>;
}

/** Decides and appends; see {@link handleCommand} for what it throws. */
export type PodWriter<State, Command, Refusal> = (
  key: PodKey,
  context: CommandContext,
  command: Command,
) => Promise<CommandResult<State, PodEvent, Refusal>>;

/** The way in which `app` writes pod events. */
export function createPodWriter<App extends PodEventEmitter, State, Command, Refusal>(
  options: PodWriterOptions<App, State, Command, Refusal>,
): PodWriter<State, Command, Refusal> {
  const { app, log, replica, aggregate, decide } = options;
  const deps = {
    log,
    aggregate: { ...aggregate, decide },
    cached: (key: readonly string[]) => (replica?.failure === undefined ? replica?.get(key) : undefined),
    presumesNew: () => replica?.isCaughtUp === true && replica.failure === undefined,
    assertMayEmit: (type: string) => assertMayEmit(app, type),
  };
  return (key, context, command) => handleCommand(deps, [key.tenant, key.podId], context, command);
}

/**
 * Narrows a decider of all commands to what one app may emit: anything else is a bug and throws.
 * For a domain whose one decider serves several apps.
 */
export function decideAs<App extends PodEventEmitter, State, Command, Refusal>(
  app: App,
  decide: (state: State, command: Command, context: CommandContext) => Decision<PodEvent, Refusal>,
): DecideAs<App, State, Command, Refusal> {
  return (state, command, context) => {
    const decision = decide(state, command, context);
    if (decision.kind !== 'event') return decision;
    const { event } = decision;
    if (!isEventBy(app, event)) throw foreignEvent(app, event.type);
    return { kind: 'event', event };
  };
}

/** @throws ForeignEventError when the event is another app's to write. */
export function assertMayEmit(app: PodEventEmitter, type: string): void {
  if (!mayEmit(app, type)) throw foreignEvent(app, type);
}

function isEventBy<App extends PodEventEmitter>(app: App, event: PodEvent): event is PodEventBy<App> {
  return mayEmit(app, event.type);
}

function foreignEvent(app: PodEventEmitter, type: string): ForeignEventError {
  return new ForeignEventError(`${app} may not write ${type}`);
}
