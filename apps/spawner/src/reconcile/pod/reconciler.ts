// One pass over one pod: observe, plan, carry out, and tell the queue what comes next.
import { randomUUID } from 'node:crypto';
import type { ContainerStatus, PodKey } from '@pods/contracts';
import { podKeyFromString } from '@pods/contracts';
import type { LivePod, Run } from '@pods/domain-pods';
import { isLive, openRunOf } from '@pods/domain-pods';
import { KubeError } from '@pods/kube';
import type { Logger, Outcome } from '@pods/service';
import type { Plan, SpawnPolicy } from './actions.ts';
import type { ExecuteDeps, Execution } from './execute.ts';
import { execute } from './execute.ts';
import type { ObserveDeps } from './observe.ts';
import { observe } from './observe.ts';
import { plan } from './plan.ts';
import type { Snapshot } from './snapshot.ts';

export interface ReconcilerDeps {
  readonly observing: ObserveDeps;
  readonly executing: ExecuteDeps;
  readonly policy: SpawnPolicy;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Tells users what the platform waits for; null for nothing. */
  readonly showProgress: (key: PodKey, status: ContainerStatus | null) => Promise<void>;
  readonly onPass: (report: PassReport) => void;
  readonly log: Logger;
}

/** About one pass, for metrics and for whoever counts repairs. */
export interface PassReport {
  readonly key: string;
  readonly planned: Plan;
  readonly execution: Execution;
}

/** A pass of the keyed queue; see {@link Outcome}. */
export function createReconciler(deps: ReconcilerDeps): (key: string, signal: AbortSignal) => Promise<Outcome> {
  return async (text, signal) => {
    const key = podKeyFromString(text);
    // Keys come from subjects and labels that were checked before.
    if (key === undefined) return { kind: 'done' };
    const snapshot = await observeOrSay(key, deps, signal);
    if (snapshot instanceof KubeError) return { kind: 'retry', reason: 'the cluster is away', error: snapshot };
    const planned = plan(snapshot, deps.now(), deps.policy);
    await deps.showProgress(key, progressOf(snapshot, planned.progress));
    const execution = await execute(planned.actions, snapshot, deps.executing, signal);
    logPass(deps.log, { snapshot, planned, execution });
    deps.onPass({ key: text, planned, execution });
    return settle(snapshot, planned, execution, deps);
  };
}

const clusterAway = 'waiting for the cluster, which cannot be asked at the moment';

/** What was observed; or why the cluster could not be asked, after telling the user so. */
async function observeOrSay(key: PodKey, deps: ReconcilerDeps, signal: AbortSignal): Promise<Snapshot | KubeError> {
  try {
    return await observe(key, deps.observing, signal);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    deps.log.warn({ tenant: key.tenant, podId: key.podId, err: error }, 'the cluster does not let us');
    const state = deps.observing.replica.get([key.tenant, key.podId])?.state;
    if (state !== undefined && isLive(state))
      await deps.showProgress(key, waiting(state, openRunOf(state), clusterAway));
    return error;
  }
}

async function settle(snapshot: Snapshot, planned: Plan, execution: Execution, deps: ReconcilerDeps): Promise<Outcome> {
  switch (execution.kind) {
    case 'done': {
      const { lookAgain } = planned;
      return lookAgain === null ? { kind: 'done' } : { kind: 'wait', ...lookAgain };
    }
    case 'again':
      return { kind: 'retry', reason: execution.reason };
    case 'cluster-away':
      await deps.showProgress(snapshot.key, progressOf(snapshot, clusterAway));
      return { kind: 'retry', reason: 'the cluster is away', error: execution.error };
    case 'failed':
      return recordFailure(snapshot, execution, deps);
  }
}

/** Only an attempt to start can fail for good; whatever else is refused is tried again. */
async function recordFailure(
  snapshot: Snapshot,
  { cause, hopeless, error }: Extract<Execution, { kind: 'failed' }>,
  deps: ReconcilerDeps,
): Promise<Outcome> {
  const { pod, run } = openRun(snapshot);
  if (pod === undefined || run === null || run.objects !== null || run.teardownStarted) {
    return { kind: 'retry', reason: 'the cluster refused', error };
  }
  await deps.executing.record(snapshot.key, randomUUID(), {
    type: 'RecordSpawnFailure',
    incarnation: pod.incarnation,
    run: run.number,
    attempt: run.spawnFailures + 1,
    cause,
    final: hopeless || run.spawnFailures + 1 >= deps.policy.attemptsMax,
  });
  // The event, once applied, wakes this key.
  return { kind: 'done' };
}

function openRun({ knowledge }: Snapshot): { readonly pod: LivePod | undefined; readonly run: Run | null } {
  if (knowledge.kind !== 'live') return { pod: undefined, run: null };
  return { pod: knowledge.pod, run: openRunOf(knowledge.pod) };
}

function progressOf(snapshot: Snapshot, message: string | null): ContainerStatus | null {
  const { pod, run } = openRun(snapshot);
  return message === null || pod === undefined ? null : waiting(pod, run, message);
}

function waiting(pod: LivePod, run: Run | null, message: string): ContainerStatus {
  const { incarnation } = pod;
  return { incarnation, run: run?.number ?? 0, phase: 'Waiting', startTime: null, message, ready: null };
}

function logPass(log: Logger, pass: Omit<PassReport, 'key'> & { readonly snapshot: Snapshot }): void {
  const { snapshot, planned, execution } = pass;
  const { pod, run } = openRun(snapshot);
  const fields = {
    tenant: snapshot.key.tenant,
    podId: snapshot.key.podId,
    incarnation: pod?.incarnation,
    run: run?.number,
    status: pod?.status ?? snapshot.knowledge.kind,
    outcome: execution.kind,
    detail: { actions: planned.actions.map(describe), lookAgain: planned.lookAgain },
  };
  if (planned.alarm !== null) {
    log.error(
      fields,
      'objects that the log does not account for are left alone. Is this the right log, and all of it?',
    );
  }
  switch (execution.kind) {
    case 'done':
      if (planned.actions.length > 0) log.info(fields, 'pass');
      else log.debug(fields, 'pass');
      return;
    case 'again':
      log.info({ ...fields, reason: execution.reason }, 'the world had changed, passing again');
      return;
    case 'cluster-away':
      log.warn({ ...fields, err: execution.error }, 'the cluster does not let us');
      return;
    case 'failed':
      log.warn({ ...fields, err: execution.error, reason: execution.cause.reason }, 'the cluster refused');
  }
}

function describe(action: Plan['actions'][number]): string {
  switch (action.type) {
    case 'Record':
      return action.command.type;
    case 'RecordCreated':
      return 'RecordObjectsCreated';
    case 'Create':
    case 'Apply':
      return `${action.type} ${action.part}`;
    case 'Delete':
      return `Delete ${action.kind} ${action.name}`;
  }
}
