// The fold: total, never throws, no default branch. A fact of another incarnation or run changes nothing.
import type { PodEvent, PodEventOf } from '@pods/contracts';
import { mergeDefinition } from './definition-changes.ts';
import type { KeptLogs, LivePod, PodState, RememberedCommand, Run } from './state.ts';
import { isLive, statusOf } from './state.ts';

/** What the log says of an event beside its content. */
export interface EventMeta {
  readonly key: readonly string[];
  readonly version: number;
  /** ISO 8601, the log's own time. */
  readonly at: string;
  readonly actor: string;
  readonly causeId: string;
  readonly causeHash: string;
}

/** Commands remembered per pod (architecture.md section 4, rule 7). */
const commandsRemembered = 64;

/** Folds one event into the state. */
export function evolve(state: PodState, event: PodEvent, meta: EventMeta): PodState {
  if (event.type === 'PodCreated') return created(state, event, meta);
  if (!isLive(state)) return state;
  if (event.type === 'PodDeleted') return deleted(event, meta);
  const next = apply(state, event, meta);
  const seen = { ...next, version: meta.version };
  return { ...seen, status: statusOf(seen) };
}

/** The state that a tombstone alone decides, so that a deleted pod's history need not be read. */
export function stateFromLast(event: PodEvent, meta: EventMeta): PodState | undefined {
  return event.type === 'PodDeleted' ? deleted(event, meta) : undefined;
}

function deleted(event: PodEventOf<'PodDeleted'>, meta: EventMeta): PodState {
  const { incarnation, lastRun } = event;
  return { status: 'DELETED', incarnation, lastRun, version: meta.version, deletedBy: commandOf(meta) };
}

function created(before: PodState, event: PodEventOf<'PodCreated'>, meta: EventMeta): PodState {
  if (isLive(before)) return before;
  const [tenant = '', podId = ''] = meta.key;
  const pod: Omit<LivePod, 'status'> = {
    tenant,
    podId,
    site: event.site,
    version: meta.version,
    incarnation: event.incarnation,
    createdAt: meta.at,
    createdBy: meta.actor,
    updatedAt: meta.at,
    definition: event.definition,
    definitionVersion: meta.version,
    modifiedFields: event.modifiedFields,
    permissions: event.permissions,
    desired: event.statusRequested,
    generation: event.statusRequested === 'ON' ? meta.version : 0,
    wish: 'start',
    run: null,
    lastRun: before.status === 'DELETED' ? before.lastRun : 0,
    losses: 0,
    blamelessLosses: 0,
    commands: remember(before.status === 'DELETED' ? [before.deletedBy] : [], meta),
  };
  return { ...pod, status: statusOf(pod) };
}

function remember(commands: readonly RememberedCommand[], meta: EventMeta): readonly RememberedCommand[] {
  return [...commands, commandOf(meta)].slice(-commandsRemembered);
}

function commandOf(meta: EventMeta): RememberedCommand {
  return { id: meta.causeId, hash: meta.causeHash, version: meta.version };
}

type IntentOrFact = Exclude<PodEvent, { type: 'PodCreated' | 'PodDeleted' }>;
type Intent = Extract<
  IntentOrFact,
  { type: 'PodUpdated' | 'PodStartRequested' | 'PodStopRequested' | 'PodRestartRequested' }
>;
type Fact = Exclude<IntentOrFact, Intent>;

function apply(pod: LivePod, event: IntentOrFact, meta: EventMeta): LivePod {
  switch (event.type) {
    case 'PodUpdated':
    case 'PodStartRequested':
    case 'PodStopRequested':
    case 'PodRestartRequested': {
      const byUser = { ...pod, updatedAt: meta.at, commands: remember(pod.commands, meta) };
      return applyIntent(byUser, event, meta);
    }
    case 'PodSpawnStarted':
      return event.incarnation === pod.incarnation && event.run > pod.lastRun ? openRun(pod, event) : pod;
    case 'PodObjectsCreated':
    case 'PodSpawnFailed':
    case 'PodTeardownStarted':
    case 'PodStopped':
    case 'PodLost':
    case 'PodBecameAvailable':
    case 'PodCompleted':
    case 'PodErrored':
    case 'PodLogsArchived':
    case 'PodTimeToStopReached':
      return ofCurrentRun(pod, event) ? applyFact(pod, pod.run, event, meta) : pod;
  }
}

function wanted(pod: LivePod, wish: LivePod['wish'], meta: EventMeta): LivePod {
  return { ...pod, desired: 'ON', generation: meta.version, wish, losses: 0, blamelessLosses: 0 };
}

function applyIntent(pod: LivePod, event: Intent, meta: EventMeta): LivePod {
  switch (event.type) {
    case 'PodStartRequested':
      return wanted(pod, 'start', meta);
    case 'PodRestartRequested':
      return wanted(pod, 'restart', meta);
    case 'PodStopRequested':
      return { ...pod, desired: 'OFF' };
    case 'PodUpdated':
      return updated(pod, event, meta);
  }
}

function updated(pod: LivePod, event: PodEventOf<'PodUpdated'>, meta: EventMeta): LivePod {
  const changed: LivePod = {
    ...pod,
    definition: mergeDefinition(pod.definition, event.changes),
    definitionVersion: Object.keys(event.changes).length === 0 ? pod.definitionVersion : meta.version,
    modifiedFields: event.modifiedFields,
  };
  switch (event.statusRequested) {
    case undefined:
      return changed;
    case 'OFF':
      return { ...changed, desired: 'OFF' };
    case 'ON':
      return wanted(changed, 'start', meta);
    case 'RESTART':
      return wanted(changed, 'restart', meta);
  }
}

function openRun(pod: LivePod, event: PodEventOf<'PodSpawnStarted'>): LivePod {
  const run: Run = {
    number: event.run,
    generation: event.generation,
    definitionVersion: event.definitionVersion,
    // The decision pins the definition of the state it was made on, and nothing came between it and this event.
    definition: pod.definition,
    podUid: null,
    objects: null,
    startedAt: null,
    end: null,
    spawnFailures: 0,
    lastSpawnFailure: null,
    failure: null,
    teardownStarted: false,
    teardownStartedAt: null,
    logs: null,
    loss: null,
    stopped: false,
  };
  return { ...pod, run, lastRun: event.run };
}

/** Rule 2: a fact counts for its own incarnation, run and Pod object only. */
function ofCurrentRun(pod: LivePod, event: Exclude<Fact, { type: 'PodSpawnStarted' }>): pod is LivePod & { run: Run } {
  if (pod.run === null || event.incarnation !== pod.incarnation || event.run !== pod.run.number) return false;
  return !('podUid' in event) || pod.run.podUid === null || pod.run.podUid === event.podUid;
}

function applyFact(
  pod: LivePod,
  run: Run,
  event: Exclude<Fact, { type: 'PodSpawnStarted' }>,
  meta: EventMeta,
): LivePod {
  const named = 'podUid' in event ? { ...run, podUid: event.podUid } : run;
  switch (event.type) {
    case 'PodTimeToStopReached':
      return { ...pod, desired: 'OFF' };
    case 'PodStopped':
      return stopped(pod, { ...named, stopped: true });
    case 'PodLost':
      return lost(pod, named, event, meta);
    case 'PodObjectsCreated':
    case 'PodSpawnFailed':
    case 'PodTeardownStarted':
    case 'PodBecameAvailable':
    case 'PodCompleted':
    case 'PodErrored':
    case 'PodLogsArchived':
      return { ...pod, run: progressed(named, event, meta) };
  }
}

type Progress = PodEventOf<
  | 'PodObjectsCreated'
  | 'PodSpawnFailed'
  | 'PodTeardownStarted'
  | 'PodBecameAvailable'
  | 'PodCompleted'
  | 'PodErrored'
  | 'PodLogsArchived'
>;

function progressed(run: Run, event: Progress, meta: EventMeta): Run {
  switch (event.type) {
    case 'PodObjectsCreated':
      return { ...run, objects: { podName: event.podName, address: event.address } };
    case 'PodBecameAvailable':
      return { ...run, startedAt: event.startedAt };
    case 'PodTeardownStarted':
      return { ...run, teardownStarted: true, teardownStartedAt: run.teardownStartedAt ?? meta.at };
    case 'PodLogsArchived':
      return { ...run, logs: logsOf(event) };
    case 'PodSpawnFailed':
      return spawnFailed(run, event, meta);
    case 'PodCompleted':
      return { ...run, end: run.end ?? endOf('completed', event, false) };
    case 'PodErrored':
      return { ...run, end: run.end ?? endOf('errored', event, event.neverRan) };
  }
}

function logsOf({ object, sizeBytes, notKept }: PodEventOf<'PodLogsArchived'>): KeptLogs {
  return { object, sizeBytes, notKept: notKept ?? null };
}

function endOf(
  kind: 'completed' | 'errored',
  event: PodEventOf<'PodCompleted' | 'PodErrored'>,
  neverRan: boolean,
): NonNullable<Run['end']> {
  const { reason, message, exitCode, finishedAt } = event;
  return { kind, reason, message, exitCode, finishedAt, neverRan };
}

function spawnFailed(run: Run, event: PodEventOf<'PodSpawnFailed'>, meta: EventMeta): Run {
  const cause = { reason: event.reason, message: event.message };
  return {
    ...run,
    spawnFailures: Math.max(run.spawnFailures, event.attempt),
    lastSpawnFailure: { ...cause, at: meta.at },
    failure: event.final ? cause : run.failure,
  };
}

function stopped(pod: LivePod, run: Run): LivePod {
  return { ...pod, run, definition: { ...pod.definition, time_to_stop_instance: null } };
}

function lost(pod: LivePod, run: Run, event: PodEventOf<'PodLost'>, meta: EventMeta): LivePod {
  const loss = { reason: event.reason, message: event.message, final: event.final, at: meta.at };
  return { ...pod, run: { ...run, loss }, losses: event.losses, blamelessLosses: event.blamelessLosses ?? 0 };
}
