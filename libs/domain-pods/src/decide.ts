// Decisions: a state and a command give one event, a refusal, or nothing to do. Pure; the caller appends.
import type { PodDefinition, PodEvent } from '@pods/contracts';
import type { PodCommand, PodRefusal, UserCommand } from './commands.ts';
import { decideFact } from './decide-fact.ts';
import { changedFields, mergedModifiedFields } from './definition-changes.ts';
import { accessOf } from './permissions.ts';
import type { LivePod, PodState, RememberedCommand } from './state.ts';
import { isLive } from './state.ts';

export type Decision =
  | { readonly kind: 'event'; readonly event: PodEvent }
  | { readonly kind: 'refused'; readonly refusal: PodRefusal }
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'repeated'; readonly version: number };

export interface CommandContext {
  readonly commandId: string;
  readonly commandHash: string;
  readonly actor: string;
}

const refused = (refusal: PodRefusal): Decision => ({ kind: 'refused', refusal });
const event = (happened: PodEvent): Decision => ({ kind: 'event', event: happened });
const nothing = (why: string): Decision => ({ kind: 'nothing', why });

/** Decides one command. A repeated id answers its first outcome, or is refused when its content differs. */
export function decide(state: PodState, command: PodCommand, context: CommandContext): Decision {
  switch (command.type) {
    case 'CreatePod':
    case 'UpdatePod':
    case 'StartPod':
    case 'StopPod':
    case 'RestartPod':
    case 'DeletePod':
      return repetitionOf(state, context) ?? decideForUser(state, command);
    case 'OpenRun':
    case 'RecordObjectsCreated':
    case 'RecordSpawnFailure':
    case 'BeginTeardown':
    case 'RecordStopped':
    case 'RecordLoss':
    case 'RecordAvailable':
    case 'RecordCompleted':
    case 'RecordErrored':
    case 'RecordLogsArchived':
    case 'StopOnTime':
      return isLive(state) ? decideFact(state, command) : nothing('the pod does not exist');
  }
}

function repetitionOf(state: PodState, context: CommandContext): Decision | undefined {
  const known = commandsOf(state).find((command) => command.id === context.commandId);
  if (known === undefined) return undefined;
  if (known.hash !== context.commandHash) return refused({ code: 'CommandIdReused' });
  return { kind: 'repeated', version: known.version };
}

function commandsOf(state: PodState): readonly RememberedCommand[] {
  if (state.status === 'NONE') return [];
  return state.status === 'DELETED' ? [state.deletedBy] : state.commands;
}

function decideForUser(state: PodState, command: UserCommand): Decision {
  if (command.type === 'CreatePod') return decideCreate(state, command);
  if (!isLive(state)) return refused({ code: 'PodNotFound' });
  const access = accessOf(state.permissions, command.caller, command.needs);
  if (access === 'invisible') return refused({ code: 'PodNotFound' });
  if (access === 'forbidden') return refused({ code: 'NotAllowed', needs: command.needs });
  if (command.ifVersion !== undefined && command.ifVersion !== state.version) {
    return refused({ code: 'VersionMismatch', expected: command.ifVersion, actual: state.version });
  }
  return decideOnLive(state, command);
}

function decideOnLive(pod: LivePod, command: Exclude<UserCommand, { type: 'CreatePod' }>): Decision {
  switch (command.type) {
    case 'UpdatePod':
      return decideUpdate(pod, command);
    case 'StartPod':
      return decideStart(pod);
    case 'StopPod':
      return pod.desired === 'OFF' ? nothing('a stop is already wanted') : event({ type: 'PodStopRequested' });
    case 'RestartPod':
      return event({ type: 'PodRestartRequested' });
    case 'DeletePod':
      return event({ type: 'PodDeleted', incarnation: pod.incarnation, lastRun: pod.lastRun });
  }
}

function decideCreate(state: PodState, command: Extract<UserCommand, { type: 'CreatePod' }>): Decision {
  if (isLive(state)) return refused({ code: 'PodExists' });
  return event({
    type: 'PodCreated',
    incarnation: state.status === 'DELETED' ? state.incarnation + 1 : 1,
    site: command.site,
    definition: command.definition,
    modifiedFields: [...command.modifiedFields],
    statusRequested: command.statusRequested,
    permissions: [`${command.caller.user}:ADMIN`],
  });
}

/** STOPPED starts; COMPLETE and ERROR start anew; anything else is refused (decisions.md, pods 3.10). */
function decideStart(pod: LivePod): Decision {
  const startable = pod.status === 'STOPPED' || pod.status === 'COMPLETE' || pod.status === 'ERROR';
  if (!startable) return refused({ code: 'PodNotStopped', status: pod.status });
  return event({ type: 'PodStartRequested' });
}

function decideUpdate(pod: LivePod, command: Extract<UserCommand, { type: 'UpdatePod' }>): Decision {
  const changes: Partial<PodDefinition> = changedFields(pod.definition, command.changes);
  const statusRequested = effectiveStatusRequest(pod, command.statusRequested);
  if (statusRequested !== undefined && accessOf(pod.permissions, command.caller, 'ADMIN') !== 'allowed') {
    return refused({ code: 'NotAllowed', needs: 'ADMIN' });
  }
  if (Object.keys(changes).length === 0 && statusRequested === undefined) return refused({ code: 'NoChanges' });
  return event({
    type: 'PodUpdated',
    changes,
    modifiedFields: mergedModifiedFields(pod.modifiedFields, command.sentFields, changes),
    ...(statusRequested === undefined ? {} : { statusRequested }),
  });
}

/** ON where ON is wanted and OFF where OFF is wanted change nothing; RESTART always does. */
function effectiveStatusRequest(
  pod: LivePod,
  asked: 'ON' | 'OFF' | 'RESTART' | undefined,
): 'ON' | 'OFF' | 'RESTART' | undefined {
  return asked === pod.desired ? undefined : asked;
}
