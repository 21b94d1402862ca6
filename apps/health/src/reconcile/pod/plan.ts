// What an observation of one pod means: facts to record, what to show of its container, when to look again. Pure:
// a fold, a Pod and a time in, a plan out. Rules: runtime.md 3.2 as changed by architecture.md section 4.
import type { ContainerStatus } from '@pods/contracts';
import type { Cause, HealthCommand, LivePod, Run } from '@pods/domain-pods';
import { isOpen, needsReplacement, stopDeadlineOf, toInstant, toMillis, toWireTimestamp } from '@pods/domain-pods';
import { causeOfEnd, causeOfFailedPod, causeOfNoPlace, causeOfTrouble, containerMessage } from './causes.ts';
import type { ObservedPod } from './observed-pod.ts';
import type { StartTrouble } from './start-trouble.ts';
import { isHopeless } from './start-trouble.ts';

/** How long trouble is waited out. */
export interface ObservationPolicy {
  /** Failed pulls after which the image counts as unobtainable. */
  readonly pullAttemptsMax: number;
  readonly pullPatienceMs: number;
  /** For containers that cannot be created, such as one whose Secret is not there yet. */
  readonly startPatienceMs: number;
  readonly placementPatienceMs: number;
}

export interface PodSnapshot {
  readonly pod: LivePod;
  /** Null when the cluster holds no Pod object of this pod. */
  readonly seen: ObservedPod | null;
  readonly trouble: StartTrouble | null;
  /** What the cluster warns of while the container is being prepared. */
  readonly warning: string | null;
}

export interface PodPlan {
  /** In the order in which they happened. */
  readonly commands: readonly HealthCommand[];
  /** What to show of the container; null for no news. */
  readonly status: ContainerStatus | null;
  /** When the pass has something to do without any further event, milliseconds since 1970. */
  readonly wakeAtMs: number | null;
}

interface Verdict {
  readonly commands: readonly HealthCommand[];
  readonly wakeAtMs?: number;
}

const nothing: Verdict = { commands: [] };

/** The whole plan for one pod. */
export function planPod(snapshot: PodSnapshot, nowMs: number, policy: ObservationPolicy): PodPlan {
  const observed = judge(snapshot, nowMs, policy);
  const stop = judgeStopOnTime(snapshot.pod, nowMs);
  const ending = observed.commands.find(isEnd);
  const wakes = [observed.wakeAtMs, stop.wakeAtMs].filter((wake) => wake !== undefined);
  return {
    commands: [...observed.commands, ...stop.commands],
    status: statusOf(snapshot, ending, policy),
    wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes),
  };
}

/** The run that `seen` belongs to, when facts about it still count; the decision judges again. */
function runOf(pod: LivePod, seen: ObservedPod): Run | null {
  const { run } = pod;
  if (run === null || !isOpen(run) || run.teardownStarted) return null;
  if (seen.incarnation !== pod.incarnation || seen.run !== run.number) return null;
  return run.podUid === null || run.podUid === seen.uid ? run : null;
}

function judge({ pod, seen, trouble }: PodSnapshot, nowMs: number, policy: ObservationPolicy): Verdict {
  const run = seen === null ? null : runOf(pod, seen);
  if (run === null || seen === null || seen.endedByPlatform) return nothing;
  if (seen.deletion !== null && !endedBeforeDeletion(seen)) return nothing;
  const available = availableFact(run, seen);
  if (run.end !== null) return { commands: available };
  const verdict =
    seen.phase === 'Succeeded' || seen.phase === 'Failed'
      ? { commands: [endFact(run, seen)] }
      : judgeStart(pod, seen, trouble, { nowMs, policy });
  return { ...verdict, commands: [...available, ...verdict.commands] };
}

/** Also for a container whose end is the first that is seen of it: it did run since then. */
function availableFact(run: Run, seen: ObservedPod): readonly HealthCommand[] {
  if (run.startedAt !== null) return [];
  const { container } = seen;
  const startedAt = container.kind === 'running' || container.kind === 'ended' ? container.startedAt : null;
  if (startedAt === null) return [];
  return [{ type: 'RecordAvailable', ...ofObject(seen), startedAt: toInstant(toMillis(startedAt)) }];
}

/** Whoever deletes a Pod ends its program: only an end from before the deletion is the program's own. */
function endedBeforeDeletion(seen: ObservedPod): boolean {
  const { container, deletion } = seen;
  if (container.kind !== 'ended' || container.finishedAt === null) return false;
  if (deletion === null || deletion.askedAt === null) return false;
  return toMillis(container.finishedAt) < toMillis(deletion.askedAt);
}

/** Only the Pod's own final phase counts: before it, a container that was ended looks like one that ended. */
function endFact(run: Run, seen: ObservedPod): HealthCommand {
  const { container } = seen;
  if (seen.phase === 'Succeeded') return completed(seen);
  if (container.kind !== 'ended')
    return { ...neverRan(seen, causeOfFailedPod(seen)), neverRan: run.startedAt === null };
  return {
    type: 'RecordErrored',
    ...ofObject(seen),
    cause: causeOfEnd(seen, container),
    exitCode: container.exitCode,
    finishedAt: container.finishedAt,
    neverRan: container.startedAt === null,
  };
}

function completed(seen: ObservedPod): HealthCommand {
  const { container } = seen;
  const type = 'RecordCompleted';
  if (container.kind !== 'ended') {
    const cause = { reason: 'Completed', message: '' };
    return { type, ...ofObject(seen), cause, exitCode: 0, finishedAt: null };
  }
  const { exitCode, finishedAt } = container;
  return { type, ...ofObject(seen), cause: causeOfEnd(seen, container), exitCode, finishedAt };
}

interface At {
  readonly nowMs: number;
  readonly policy: ObservationPolicy;
}

/** A Pod that has not come to run yet: patience, then its cause. */
function judgeStart(pod: LivePod, seen: ObservedPod, trouble: StartTrouble | null, at: At): Verdict {
  const { nowMs, policy } = at;
  if (seen.unplaced !== null) {
    const patienceMs = policy.placementPatienceMs;
    const deadlineMs = toMillis(seen.unplaced.since) + patienceMs;
    if (nowMs < deadlineMs) return { commands: [], wakeAtMs: deadlineMs };
    return {
      commands: [neverRan(seen, causeOfNoPlace(seen, seen.unplaced, pod.definition.compute_queue, patienceMs))],
    };
  }
  if (trouble === null || trouble.podUid !== seen.uid) return nothing;
  const isPull = trouble.kind === 'pull';
  const deadlineMs = trouble.sinceMs + (isPull ? policy.pullPatienceMs : policy.startPatienceMs);
  const spent = isPull && trouble.failures >= policy.pullAttemptsMax;
  if (!isHopeless(trouble) && !spent && nowMs < deadlineMs) return { commands: [], wakeAtMs: deadlineMs };
  return { commands: [neverRan(seen, causeOfTrouble(seen, trouble))] };
}

function neverRan(seen: ObservedPod, cause: Cause): Extract<HealthCommand, { type: 'RecordErrored' }> {
  return { type: 'RecordErrored', ...ofObject(seen), cause, exitCode: null, finishedAt: null, neverRan: true };
}

function ofObject(seen: ObservedPod): { readonly incarnation: number; readonly run: number; readonly podUid: string } {
  return { incarnation: seen.incarnation, run: seen.run, podUid: seen.uid };
}

function judgeStopOnTime(pod: LivePod, nowMs: number): Verdict {
  const { run, incarnation } = pod;
  const deadline = stopDeadlineOf(pod);
  if (run === null || deadline === null || run.teardownStarted || needsReplacement(pod)) return nothing;
  const deadlineMs = toMillis(deadline.at);
  if (nowMs < deadlineMs) return { commands: [], wakeAtMs: deadlineMs };
  return { commands: [{ type: 'StopOnTime', incarnation, run: run.number, now: toInstant(nowMs) }] };
}

type End = Extract<HealthCommand, { type: 'RecordCompleted' | 'RecordErrored' }>;

function isEnd(command: HealthCommand): command is End {
  return command.type === 'RecordCompleted' || command.type === 'RecordErrored';
}

function statusOf(
  { pod, seen, trouble, warning }: PodSnapshot,
  ending: End | undefined,
  policy: ObservationPolicy,
): ContainerStatus | null {
  if (seen === null || seen.incarnation !== pod.incarnation) return null;
  const run = pod.run?.number === seen.run ? pod.run : null;
  const hasCause = ending !== undefined || (run !== null && (run.end !== null || run.failure !== null));
  const { pullAttemptsMax } = policy;
  const context = { queue: pod.definition.compute_queue, pullAttemptsMax, warning, hasCause };
  return {
    incarnation: seen.incarnation,
    run: seen.run,
    phase: phaseOf(seen, run, ending),
    startTime: seen.startTime === null ? null : toWireTimestamp(seen.startTime),
    message: containerMessage(seen, trouble, context),
    ready: seen.container.kind === 'running' ? seen.ready : null,
  };
}

/** The Pod's own phase follows the end of its container about a second later, and stays Pending where none came to run. */
function phaseOf(seen: ObservedPod, run: Run | null, ending: End | undefined): string {
  if (ending !== undefined) return ending.type === 'RecordCompleted' ? 'Succeeded' : 'Failed';
  const end = run?.end ?? null;
  if (end !== null) return end.kind === 'completed' ? 'Succeeded' : 'Failed';
  if (run !== null && run.failure !== null) return 'Failed';
  if (seen.container.kind === 'ended') return seen.container.exitCode === 0 ? 'Succeeded' : 'Failed';
  return seen.phase;
}
