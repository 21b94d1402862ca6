// One pod's whole world in memory: its history, a cluster, users, health, a kubelet, and spawner's own passes, which may
// be cut off after any step. Everything of spawner is the real thing.
import { randomUUID } from 'node:crypto';
import type { ContainerStatus, PodKey } from '@pods/contracts';
import type { HealthCommand, PodCommand, PodState } from '@pods/domain-pods';
import { isLive, podAggregate, toInstant } from '@pods/domain-pods';
import { aDefinition } from '@pods/domain-pods/testing';
import type { Replica } from '@pods/event-store';
import { createPodWriter, decideAs, loadFromLog } from '@pods/event-store';
import type { MemoryLog } from '@pods/event-store/testing';
import { createMemoryLog, createMemoryReplica } from '@pods/event-store/testing';
import type { Outcome } from '@pods/service';
import { createLogger } from '@pods/service';
import type { ManualClock } from '@pods/service/testing';
import { manualClock } from '@pods/service/testing';
import { mayRemoveOrphans } from '../orphan-guard.ts';
import type { PassReport } from '../reconcile/pod/reconciler.ts';
import { createReconciler } from '../reconcile/pod/reconciler.ts';
import { createRecordFact } from '../record-fact.ts';
import { createTeardownTimes } from '../teardown-times.ts';
import { firstRun, somePolicy, someSettings } from './builders.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { createSimulatedCluster } from './simulated-cluster.ts';

const key: PodKey = { tenant: 'dev', podId: 'docpod' };
export const podName = 'pods-local-dev-docpod';
const ada = { user: 'ada', isServiceAdmin: false };

/** Thrown where a process is cut off. */
class CutOff extends Error {}

export interface PassResult {
  readonly report: PassReport | undefined;
  readonly outcome: Outcome | undefined;
}

export interface World {
  readonly cluster: SimulatedCluster;
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  readonly progress: () => ContainerStatus | null;
  readonly state: () => Promise<PodState>;
  readonly byUser: (
    command: 'create' | 'create-off' | 'delete' | 'stop' | 'start' | 'restart' | 'update',
  ) => Promise<void>;
  /** Health reports the Pod that is there, if there is one. */
  readonly byHealth: (fact: 'available' | 'errored' | 'never-ran' | 'completed' | 'logs') => Promise<void>;
  /** One pass of a fresh process; cut off after so many writes to cluster or log, before or after the last counts. */
  readonly pass: (cutOffAfter?: number) => Promise<PassResult>;
  /** Lets the replica apply all that is in the log. */
  readonly catchUp: () => Promise<void>;
}

/** An empty world, in which no teardown waits for logs unless told to. */
export function createWorld(logsWaitMs = 0): World {
  const clock = manualClock();
  const log = createMemoryLog({ now: () => new Date(clock.now()) });
  const replica = createMemoryReplica(log, podAggregate);
  const cluster = createSimulatedCluster();
  let shown: ContainerStatus | null = null;

  const state = async (): Promise<PodState> =>
    (await loadFromLog({ log, aggregate: podAggregate }, [key.tenant, key.podId], { fresh: true })).state;
  const catchUp = async (): Promise<void> => {
    await replica.whenApplied((await log.usage()).lastSeq, { deadlineMs: 5000 });
  };
  const write = (app: 'api' | 'health', command: PodCommand): Promise<unknown> =>
    createPodWriter({ app, log, aggregate: podAggregate, decide: decideAs(app, podAggregate.decide) })(
      key,
      { commandId: randomUUID(), commandHash: '', actor: app },
      command,
    );
  const context = { clock, log, replica, cluster, logsWaitMs };
  return {
    cluster,
    clock,
    log,
    state,
    catchUp,
    progress: () => shown,
    byUser: async (command) => {
      await write('api', userCommand(command, clock.now()));
    },
    byHealth: async (fact) => {
      const command = healthCommand(fact, await state(), cluster.uidOf('Pod', podName), clock.now());
      if (command !== undefined) await write('health', command);
    },
    pass: (cutOffAfter = Number.POSITIVE_INFINITY) =>
      onePass(context, cutOffAfter, (status) => {
        shown = status;
      }),
  };
}

function userCommand(command: Parameters<World['byUser']>[0], now: number): PodCommand {
  const by = { caller: ada, needs: 'ADMIN' } as const;
  switch (command) {
    case 'create':
    case 'create-off':
      return {
        type: 'CreatePod',
        caller: ada,
        ...key,
        site: firstRun.site,
        definition: aDefinition(),
        modifiedFields: [],
        statusRequested: command === 'create' ? 'ON' : 'OFF',
      };
    case 'delete':
      return { type: 'DeletePod', ...by };
    case 'stop':
      return { type: 'StopPod', ...by };
    case 'start':
      return { type: 'StartPod', ...by };
    case 'restart':
      return { type: 'RestartPod', ...by };
    case 'update':
      return { type: 'UpdatePod', ...by, changes: { image: `pods.local/webpage:${now}` }, sentFields: ['image'] };
  }
}

function healthCommand(
  fact: Parameters<World['byHealth']>[0],
  state: PodState,
  podUid: string | undefined,
  now: number,
): HealthCommand | undefined {
  if (!isLive(state) || state.run === null || podUid === undefined) return undefined;
  const of = { incarnation: state.incarnation, run: state.run.number, podUid };
  const cause = { reason: 'Error', message: 'exit code 1' };
  switch (fact) {
    case 'available':
      return { type: 'RecordAvailable', ...of, startedAt: toInstant(now) };
    case 'errored':
    case 'never-ran':
      return { type: 'RecordErrored', ...of, cause, exitCode: 1, finishedAt: null, neverRan: fact === 'never-ran' };
    case 'completed':
      return { type: 'RecordCompleted', ...of, cause, exitCode: 0, finishedAt: null };
    case 'logs':
      return { type: 'RecordLogsArchived', incarnation: of.incarnation, run: of.run, object: 'log', sizeBytes: 1 };
  }
}

interface PassContext {
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  readonly replica: Replica<PodState>;
  readonly cluster: SimulatedCluster;
  readonly logsWaitMs: number;
}

async function onePass(
  { clock, log, replica, cluster, logsWaitMs }: PassContext,
  cutOffAfter: number,
  show: (status: ContainerStatus | null) => void,
): Promise<PassResult> {
  let left = cutOffAfter;
  /** The last write may have happened although nobody was told. */
  const counted = async <T>(writing: () => Promise<T>): Promise<T> => {
    if (left <= 0) throw new CutOff();
    left -= 1;
    const written = await writing();
    if (left < 1) throw new CutOff();
    return written;
  };
  const logger = createLogger({ app: 'spawner', level: 'silent' });
  const record = createRecordFact({ log, replica, logger });
  let report: PassReport | undefined;
  const reconcile = createReconciler({
    observing: {
      replica,
      log,
      cluster: cluster.view,
      kube: cluster.kube,
      installation: firstRun.installation,
      settings: someSettings,
      mayRemoveOrphans: () =>
        mayRemoveOrphans(cluster.view, (name) => replica.get(name)?.state, { podsMax: 10, shareMax: 0.5 }),
      teardownSeenAt: createTeardownTimes(clock.now),
    },
    executing: {
      kube: {
        get: cluster.kube.get,
        create: (...given) => counted(() => cluster.kube.create(...given)),
        apply: (...given) => counted(() => cluster.kube.apply(...given)),
        delete: (...given) => counted(() => cluster.kube.delete(...given)),
      },
      record: (...given) => counted(() => record(...given)),
      gracePeriodSeconds: 10,
      onAction: () => undefined,
    },
    policy: { ...somePolicy, logsWaitMs },
    now: clock.now,
    showProgress: async (_key, status) => {
      show(status);
    },
    onPass: (passed) => {
      report = passed;
    },
    log: logger,
  });
  try {
    const outcome = await reconcile(`${key.tenant}.${key.podId}`, AbortSignal.timeout(60_000));
    return { report, outcome };
  } catch (error) {
    if (error instanceof CutOff) return { report, outcome: undefined };
    throw error;
  }
}
