// A pod's state: the fold of its history. Told apart by `status`; facts of the current run are kept side by side
// and the status is derived from them, so that their order does not matter.
import type { PodDefinition } from '@pods/contracts';
import { toInstant, toMillis } from './instant.ts';

/** The documented words (decisions.md, pods C1). */
export const podStatuses = [
  'REQUESTED',
  'SPAWNING',
  'AVAILABLE',
  'STOPPED',
  'RESTARTING',
  'SHUTTING_DOWN',
  'COMPLETE',
  'ERROR',
] as const;
export type PodStatus = (typeof podStatuses)[number];

/** Why something stands where it stands: a short reason in Kubernetes' style and a sentence for people. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
}

/** How a run's container ended, or that it never came to run. */
export interface RunEnd extends Cause {
  readonly kind: 'completed' | 'errored';
  readonly exitCode: number | null;
  readonly finishedAt: string | null;
  readonly neverRan: boolean;
}

/** What became of a run's output. */
export interface KeptLogs {
  /** Null when there is nothing to read. */
  readonly object: string | null;
  /** Bytes before compression. */
  readonly sizeBytes: number;
  /** Why output was not kept, for people; null when it was, or when there was none. */
  readonly notKept: string | null;
}

/** One attempt to have the pod running: opened by PodSpawnStarted, closed by PodStopped or PodLost. */
export interface Run {
  readonly number: number;
  /** The wish it fulfils: version of the create, start or restart that asked for it. */
  readonly generation: number;
  /** Version of the definition it runs with. */
  readonly definitionVersion: number;
  /** What it runs with: changes that were made since wait for the next run. */
  readonly definition: PodDefinition;
  /** UID of the Kubernetes Pod, from the first fact that names it. */
  readonly podUid: string | null;
  readonly objects: { readonly podName: string; readonly address: string } | null;
  readonly startedAt: string | null;
  readonly end: RunEnd | null;
  readonly spawnFailures: number;
  readonly lastSpawnFailure: (Cause & { readonly at: string }) | null;
  /** Spawning was given up. */
  readonly failure: Cause | null;
  readonly teardownStarted: boolean;
  /** When the log says that it began; null before. */
  readonly teardownStartedAt: string | null;
  readonly logs: KeptLogs | null;
  readonly loss: (Cause & { readonly at: string; readonly final: boolean }) | null;
  readonly stopped: boolean;
}

/** A command that was carried out, remembered to recognise its repetition. */
export interface RememberedCommand {
  readonly id: string;
  readonly hash: string;
  readonly version: number;
}

export interface LivePod {
  readonly status: PodStatus;
  readonly tenant: string;
  readonly podId: string;
  readonly site: string;
  /** Version of the newest event. */
  readonly version: number;
  /** How often this id has been created. */
  readonly incarnation: number;
  readonly createdAt: string;
  readonly createdBy: string;
  /** Moved by users only. */
  readonly updatedAt: string;
  readonly definition: PodDefinition;
  readonly definitionVersion: number;
  readonly modifiedFields: readonly string[];
  readonly permissions: readonly string[];
  readonly desired: 'ON' | 'OFF';
  /** Version of the event that last asked for a run; 0 when none did. */
  readonly generation: number;
  /** How that event asked. */
  readonly wish: 'start' | 'restart';
  readonly run: Run | null;
  /** Number of the newest run, counted over all incarnations so that names in the cluster never repeat. */
  readonly lastRun: number;
  /** Losses in a row. */
  readonly losses: number;
  /** Losses in a row that say nothing against the pod. */
  readonly blamelessLosses: number;
  readonly commands: readonly RememberedCommand[];
}

export type PodState =
  | { readonly status: 'NONE' }
  | {
      readonly status: 'DELETED';
      readonly incarnation: number;
      readonly lastRun: number;
      readonly version: number;
      /** The command that deleted it: sent again, it must not delete the next pod of this id. */
      readonly deletedBy: RememberedCommand;
    }
  | LivePod;

export const noPod: PodState = { status: 'NONE' };

export function isLive(state: PodState): state is LivePod {
  return state.status !== 'NONE' && state.status !== 'DELETED';
}

/** The run that still has, or may have, something in the cluster that counts; null when there is none. */
export function openRunOf(pod: { readonly run: Run | null }): Run | null {
  const { run } = pod;
  return run !== null && isOpen(run) ? run : null;
}

/** Whether a run is neither stopped nor lost. */
export function isOpen(run: Run): boolean {
  return !run.stopped && run.loss === null;
}

/** Derives the status word from intent and the facts of the current run, by rank. */
export function statusOf(pod: Omit<LivePod, 'status'>): PodStatus {
  const { run } = pod;
  if (run !== null && isOpen(run)) return statusOfOpenRun(pod, run);
  if (pod.desired === 'OFF') return 'STOPPED';
  if (run?.loss?.final === true && run.generation === pod.generation) return 'ERROR';
  return 'REQUESTED';
}

function statusOfOpenRun(pod: Omit<LivePod, 'status'>, run: Run): PodStatus {
  if (pod.desired === 'OFF' && run.teardownStarted) return 'SHUTTING_DOWN';
  if (pod.desired === 'ON' && makesWay(pod, run)) return pod.wish === 'restart' ? 'RESTARTING' : 'REQUESTED';
  return statusOfFacts(run);
}

/** A run that is going, or is over and not the one that is wanted, says nothing of the one that was asked for since. */
function makesWay(pod: Omit<LivePod, 'status'>, run: Run): boolean {
  const isOver = run.failure !== null || run.end !== null;
  return run.teardownStarted || (isOver && run.generation !== pod.generation);
}

function statusOfFacts(run: Run): PodStatus {
  if (run.failure !== null) return 'ERROR';
  if (run.end !== null) return run.end.kind === 'completed' ? 'COMPLETE' : 'ERROR';
  return run.startedAt === null ? 'SPAWNING' : 'AVAILABLE';
}

/** What `status_requested` shows: RESTART until the run that a restart replaces is gone. */
export function statusRequestedOf(pod: LivePod): 'ON' | 'OFF' | 'RESTART' {
  if (pod.desired === 'OFF') return 'OFF';
  return needsReplacement(pod) && pod.wish === 'restart' ? 'RESTART' : 'ON';
}

/** Whether the current run has to make way: nobody wants one, or another is wanted. */
export function needsReplacement(pod: LivePod): boolean {
  const run = openRunOf(pod);
  return run !== null && (pod.desired === 'OFF' || run.generation !== pod.generation);
}

/** Whether a run has to be opened now. */
export function needsRun(pod: LivePod): boolean {
  return pod.desired === 'ON' && pod.status === 'REQUESTED' && openRunOf(pod) === null;
}

/** When time-to-stop ends the current run and which field says so; null for never. */
export interface StopDeadline {
  readonly at: string;
  readonly field: 'time_to_stop_default' | 'time_to_stop_instance';
  readonly seconds: number;
}

/** Derived anew from every state: changes of the fields move it, -1 clears it (pods-api.md 5.3). */
export function stopDeadlineOf(pod: LivePod): StopDeadline | null {
  const run = openRunOf(pod);
  if (run === null || run.startedAt === null) return null;
  const { time_to_stop_instance: instance, time_to_stop_default: byDefault } = pod.definition;
  const field = instance === null ? 'time_to_stop_default' : 'time_to_stop_instance';
  const seconds = instance ?? byDefault;
  if (seconds === -1) return null;
  return { at: toInstant(toMillis(run.startedAt) + seconds * 1000), field, seconds };
}

/** The cause that a user should read beside ERROR or COMPLETE, or while spawning is retried. */
export function causeOf(pod: LivePod): Cause | null {
  const { run } = pod;
  if (run === null) return null;
  return run.failure ?? run.end ?? run.loss ?? run.lastSpawnFailure;
}
