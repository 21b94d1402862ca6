// The action log: one rendering of a pod's events, for people (pods-api.md 3.4, 3.8 and 5.2). Only events of the
// current incarnation are shown.
import type { PodEvent } from '@pods/contracts';
import type { LeafChange } from './definition-changes.ts';
import { leafChanges, mergeDefinition } from './definition-changes.ts';
import type { EventMeta } from './evolve.ts';
import { evolve } from './evolve.ts';
import { toLogStamp } from './instant.ts';
import type { LivePod, PodState } from './state.ts';
import { isLive, noPod, statusRequestedOf } from './state.ts';

/** An event with what the log says of it. */
export interface LoggedEvent {
  readonly event: PodEvent;
  readonly meta: EventMeta;
}

/** Changes named in one line; the rest are counted. */
const changesShownMax = 8;
/** Characters of a cause in one line. */
const causeLengthMax = 300;

/** Lines `YY/MM/DD HH:MM: text`, oldest first. A line whose text the line before it already holds is left out. */
export function renderActionLog(history: readonly LoggedEvent[]): readonly string[] {
  const lines: { stamp: string; text: string }[] = [];
  let state: PodState = noPod;
  for (const { event, meta } of history) {
    const after = evolve(state, event, meta);
    if (event.type === 'PodCreated') lines.length = 0;
    const text = lineOf(event, meta.actor, state, after);
    const newest = lines.at(-1);
    if (text !== null && !newest?.text.includes(text)) lines.push({ stamp: toLogStamp(meta.at), text });
    state = after;
  }
  return lines.map((line) => `${line.stamp}: ${line.text}`);
}

function lineOf(event: PodEvent, actor: string, before: PodState, after: PodState): string | null {
  switch (event.type) {
    case 'PodCreated':
      return `Pod object created by '${actor}'`;
    case 'PodUpdated':
      return isLive(before) ? updateLine(event, actor, before) : null;
    case 'PodStartRequested':
      return `'${actor}' ran start_pod, set to ON and REQUESTED`;
    case 'PodStopRequested':
      return `'${actor}' ran stop_pod, set to OFF`;
    case 'PodRestartRequested':
      return `'${actor}' ran restart_pod, set to RESTART`;
    case 'PodDeleted':
      return `'${actor}' deleted the pod`;
    case 'PodSpawnStarted':
    case 'PodTeardownStarted':
    case 'PodStopped':
      return isLive(after) ? `spawner set status to ${after.status}` : null;
    case 'PodObjectsCreated':
      return null;
    case 'PodLogsArchived':
      return event.notKept === undefined ? null : `health could not keep the logs: ${event.notKept}`;
    case 'PodSpawnFailed':
    case 'PodLost':
    case 'PodBecameAvailable':
    case 'PodCompleted':
    case 'PodErrored':
    case 'PodTimeToStopReached':
      return observedLine(event);
  }
}

type Observed = Extract<
  PodEvent,
  { type: 'PodSpawnFailed' | 'PodLost' | 'PodBecameAvailable' | 'PodCompleted' | 'PodErrored' | 'PodTimeToStopReached' }
>;

function observedLine(event: Observed): string {
  switch (event.type) {
    case 'PodSpawnFailed':
      return event.final
        ? `spawner could not create the pod, set status to ERROR: ${shortened(event)}`
        : `spawner could not create the pod (attempt ${event.attempt}), tries again: ${shortened(event)}`;
    case 'PodLost':
      return event.final
        ? `spawner found no running pod for the ${event.losses}. time in a row, set status to ERROR: ${shortened(event)}`
        : `spawner found no running pod, starts it again: ${shortened(event)}`;
    case 'PodBecameAvailable':
      return 'health set status to AVAILABLE';
    case 'PodCompleted':
      return 'health found pod in succeeded, set status to COMPLETE';
    case 'PodErrored':
      return `health set status to ERROR: ${shortened(event)}${event.exitCode === null ? '' : ` (exit=${event.exitCode})`}`;
    case 'PodTimeToStopReached':
      return `health set pod to OFF due to time_to_stop trigger (${event.field} of ${event.seconds} s)`;
  }
}

function shortened(cause: { readonly reason: string; readonly message: string }): string {
  const text = cause.message === '' ? cause.reason : `${cause.reason}: ${cause.message}`;
  return text.length <= causeLengthMax ? text : `${text.slice(0, causeLengthMax - 1)}…`;
}

function updateLine(event: Extract<PodEvent, { type: 'PodUpdated' }>, actor: string, before: LivePod): string {
  const fields = leafChanges(before.definition, mergeDefinition(before.definition, event.changes)).map(changeText);
  const intent =
    event.statusRequested === undefined
      ? []
      : [`status_requested: ${valueText(statusRequestedOf(before))}→${valueText(event.statusRequested)}`];
  const all = [...fields, ...intent];
  const rest = all.length > changesShownMax ? [`+${all.length - changesShownMax} more`] : [];
  return `'${actor}' updated pod: ${[...all.slice(0, changesShownMax), ...rest].join(', ')}`;
}

/** Values of environment variables are never shown. */
function changeText(change: LeafChange): string {
  if (change.path.startsWith('environment_variables.')) return `${change.path}: ${hiddenChange(change)}`;
  return `${change.path}: ${valueText(change.before)}→${valueText(change.after)}`;
}

function hiddenChange(change: LeafChange): string {
  if (change.before === undefined) return 'added (hidden)';
  return change.after === undefined ? 'removed' : 'changed (hidden)';
}

function valueText(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}
