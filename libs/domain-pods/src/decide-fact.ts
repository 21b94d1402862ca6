// Decisions on what spawner and health report. A fact of another incarnation, run or Pod object is dropped here,
// so that a stale observation which is decided again after a conflict dies.
import type { PodEvent } from '@pods/contracts';
import type { HealthCommand, SpawnerCommand } from './commands.ts';
import type { Decision } from './decide.ts';
import { toMillis } from './instant.ts';
import type { LivePod, Run } from './state.ts';
import { isOpen, needsReplacement, needsRun, stopDeadlineOf } from './state.ts';

type FactCommand = SpawnerCommand | HealthCommand;
type RunFact = Exclude<FactCommand, { type: 'OpenRun' }>;

const event = (happened: PodEvent): Decision => ({ kind: 'event', event: happened });
const nothing = (why: string): Decision => ({ kind: 'nothing', why });

/** Decides a report about a pod that exists. */
export function decideFact(pod: LivePod, command: FactCommand): Decision {
  if (command.incarnation !== pod.incarnation) return nothing('another incarnation');
  if (command.type === 'OpenRun') return decideOpenRun(pod, command.generation);
  const { run } = pod;
  if (run === null || run.number !== command.run) return nothing('another run');
  if ('podUid' in command && run.podUid !== null && run.podUid !== command.podUid) return nothing('another Pod object');
  if (command.type === 'RecordLogsArchived') return decideLogsArchived(run, command);
  if (!isOpen(run)) return nothing('the run is over');
  return decideOnOpenRun(pod, run, command);
}

function decideOpenRun(pod: LivePod, generation: number): Decision {
  if (generation !== pod.generation) return nothing('another run is wanted by now');
  if (!needsRun(pod)) return nothing('no run is wanted, or one is open');
  return event({
    type: 'PodSpawnStarted',
    incarnation: pod.incarnation,
    run: pod.lastRun + 1,
    generation,
    definitionVersion: pod.definitionVersion,
  });
}

function decideLogsArchived(run: Run, command: Extract<RunFact, { type: 'RecordLogsArchived' }>): Decision {
  if (run.logs !== null) return nothing('archived before');
  const { incarnation, object, sizeBytes, notKept } = command;
  const reason = notKept === undefined ? {} : { notKept };
  return event({ type: 'PodLogsArchived', incarnation, run: run.number, object, sizeBytes, ...reason });
}

function decideOnOpenRun(pod: LivePod, run: Run, command: Exclude<RunFact, { type: 'RecordLogsArchived' }>): Decision {
  switch (command.type) {
    case 'RecordObjectsCreated':
    case 'RecordSpawnFailure':
      return decideSpawnProgress(run, command);
    case 'BeginTeardown':
      return decideTeardown(pod, run);
    case 'RecordStopped':
      return run.teardownStarted
        ? event({ type: 'PodStopped', incarnation: pod.incarnation, run: run.number })
        : nothing('no teardown was begun');
    case 'RecordLoss':
      return decideLoss(pod, run, command);
    case 'RecordAvailable':
    case 'RecordCompleted':
    case 'RecordErrored':
      return decideObservation(run, command);
    case 'StopOnTime':
      return decideStopOnTime(pod, run, command.now);
  }
}

function decideSpawnProgress(
  run: Run,
  command: Extract<RunFact, { type: 'RecordObjectsCreated' | 'RecordSpawnFailure' }>,
): Decision {
  const { incarnation } = command;
  if (run.objects !== null) return nothing('the objects were created before');
  if (command.type === 'RecordObjectsCreated') {
    const { podUid, podName, address } = command;
    return event({ type: 'PodObjectsCreated', incarnation, run: run.number, podUid, podName, address });
  }
  if (run.failure !== null) return nothing('given up before');
  const { attempt, cause, final } = command;
  if (attempt !== run.spawnFailures + 1) return nothing('this attempt was recorded before');
  return event({
    type: 'PodSpawnFailed',
    incarnation,
    run: run.number,
    attempt,
    final,
    reason: cause.reason,
    message: cause.message,
  });
}

function decideTeardown(pod: LivePod, run: Run): Decision {
  if (run.teardownStarted) return nothing('teardown was begun before');
  if (!needsReplacement(pod)) return nothing('the run is wanted');
  const purpose = pod.desired === 'OFF' ? 'stop' : 'restart';
  return event({ type: 'PodTeardownStarted', incarnation: pod.incarnation, run: run.number, purpose });
}

/** Only a Pod object that was recorded can be lost; one that ended or is being removed is not. */
function decideLoss(pod: LivePod, run: Run, command: Extract<RunFact, { type: 'RecordLoss' }>): Decision {
  if (run.objects === null) return nothing('no Pod object was recorded');
  if (run.teardownStarted || run.end !== null || run.failure !== null) return nothing('its absence is expected');
  const { lossesMax } = command;
  const before = hasSettled(run, command.at) ? { losses: 0, blamelessLosses: 0 } : pod;
  const losses = before.losses + (lossesMax === null ? 0 : 1);
  return event({
    type: 'PodLost',
    incarnation: pod.incarnation,
    run: run.number,
    podUid: command.podUid,
    reason: command.cause.reason,
    message: command.cause.message,
    losses,
    blamelessLosses: before.blamelessLosses + (lossesMax === null ? 1 : 0),
    final: lossesMax !== null && losses >= lossesMax,
  });
}

/** A run that lasted this long was no failure: losses are counted anew, milliseconds. */
const settledAfterMs = 10 * 60 * 1000;

function hasSettled(run: Run, at: string): boolean {
  return run.startedAt !== null && toMillis(at) - toMillis(run.startedAt) >= settledAfterMs;
}

function decideObservation(
  run: Run,
  command: Extract<RunFact, { type: 'RecordAvailable' | 'RecordCompleted' | 'RecordErrored' }>,
): Decision {
  if (run.teardownStarted) return nothing('the run is being taken down');
  const of = { incarnation: command.incarnation, run: run.number, podUid: command.podUid };
  if (command.type === 'RecordAvailable') {
    if (run.startedAt !== null) return nothing('seen before');
    return event({ type: 'PodBecameAvailable', ...of, startedAt: command.startedAt });
  }
  if (run.end !== null) return nothing('its end was seen before');
  const { exitCode, finishedAt } = command;
  const cause = { reason: command.cause.reason, message: command.cause.message };
  return command.type === 'RecordCompleted'
    ? event({ type: 'PodCompleted', ...of, ...cause, exitCode: command.exitCode, finishedAt })
    : event({ type: 'PodErrored', ...of, ...cause, exitCode, finishedAt, neverRan: command.neverRan });
}

function decideStopOnTime(pod: LivePod, run: Run, now: string): Decision {
  if (needsReplacement(pod) || run.teardownStarted) return nothing('the run already has to make way');
  const deadline = stopDeadlineOf(pod);
  if (deadline === null || toMillis(now) < toMillis(deadline.at)) return nothing('not due');
  return event({
    type: 'PodTimeToStopReached',
    incarnation: pod.incarnation,
    run: run.number,
    deadline: deadline.at,
    field: deadline.field,
    seconds: deadline.seconds,
  });
}
