// Opens what this app needs and wires it: replica and cluster watch wake the pods, passes record facts and keep logs.
import { once } from 'node:events';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import type { Replica } from '@pods/event-store';
import { createReplica, openNatsLog, podHistories } from '@pods/event-store';
import type { KubeClient, KubeConnection } from '@pods/kube';
import { connect, createKubeClient, followLog } from '@pods/kube';
import type { AppContext, Logger, Metrics, RunningApp } from '@pods/service';
import {
  closeNats,
  connectNats,
  createMetrics,
  createQueueMetrics,
  createReadiness,
  reportNats,
  startOpsServer,
  systemClock,
} from '@pods/service';
import type { ClusterPods } from './cluster/cluster-pods.ts';
import { followClusterPods } from './cluster/cluster-pods.ts';
import { newestWarning, pastTroubles } from './cluster/pod-warnings.ts';
import type { Config } from './config.ts';
import type { ArchiveStore } from './logs/archive-store.ts';
import { openArchiveStore } from './logs/archive-store.ts';
import type { LogKeeper } from './logs/keeper.ts';
import { createLogKeeper } from './logs/keeper.ts';
import { reportLogs } from './logs/log-metrics.ts';
import { serveLogs } from './logs/serve-logs.ts';
import { sweepEvery } from './logs/sweep.ts';
import { createLogTender } from './logs/tender.ts';
import type { PodLoop } from './reconcile/pod-loop.ts';
import { createPodLoop } from './reconcile/pod-loop.ts';
import { createReconciler } from './reconcile/pod/reconciler.ts';
import type { Recorder } from './reconcile/pod/record.ts';
import { createRecorder } from './reconcile/pod/record.ts';
import { createStartWarnings } from './reconcile/pod/start-warnings.ts';
import { createTroubleMemory } from './reconcile/pod/trouble-memory.ts';
import type { ContainerStatuses } from './status/container-statuses.ts';
import { openContainerStatuses } from './status/container-statuses.ts';
import { untilDone } from './until-done.ts';

/**
 * Starts the app; resolves when it looks after all pods: then replica and cluster watch have caught up, and it is ready.
 * @throws the signal's reason when it aborts before that.
 */
export async function start(config: Readonly<Config>, context: AppContext): Promise<RunningApp & { opsPort: number }> {
  const { log } = context;
  // Ended in reverse order, also when the start fails half-way.
  await using opened = new AsyncDisposableStack();
  const ending = new AbortController();
  const signal = AbortSignal.any([context.signal, ending.signal]);
  const metrics = createMetrics('health');
  const readiness = createReadiness(signal);
  const needs = { nats: readiness.need('nats'), pods: readiness.need('pods') };
  const ops = await startOpsServer({ host: config.OPS_HOST, port: config.OPS_PORT, metrics, readiness });
  opened.defer(() => ops.close());
  needs.pods.set(false, 'waiting for NATS, the log and the cluster');
  const nc = await connectNats({ app: 'health', url: config.NATS_URL, seed: config.NATS_NKEY_SEED_FILE, log, signal });
  opened.defer(() => closeNats(nc));
  reportNats(nc, needs.nats, log);

  const names = topology(config.PODS_PREFIX);
  const eventLog = await openNatsLog({ nc, names: podHistories(names) });
  const replica = createReplica({
    nc,
    names: podHistories(names),
    aggregate: podAggregate,
    log: eventLog,
    snapshotBucket: names.buckets.podState,
    onTrouble: (reason, err) => {
      log.warn({ component: 'replica', reason, err }, 'the replica had trouble');
      if (reason === 'failed') needs.pods.set(false, 'the log is not the one that was followed');
    },
  });
  opened.defer(() => replica.close());
  const connection = connect(config.KUBECONFIG_FILE);
  const cluster = openCluster(config, connection, log);
  opened.defer(() => cluster.stop());
  const keeper = openKeeper(config, connection, metrics, log);
  opened.defer(() => keeper.stop());
  const buckets = await openBuckets(nc, names, log, signal);
  opened.defer(() => buckets.statuses.close());
  const facts = metrics.counter('health_facts_total', 'Facts recorded in histories', ['type']);
  const world: World = {
    replica,
    kube: createKubeClient(connection, { namespace: config.KUBE_NAMESPACE, fieldManager: 'pods-health' }),
    cluster,
    keeper,
    ...buckets,
    record: createRecorder({ log: eventLog, replica, logger: log, onRecorded: (type) => facts.inc({ type }) }),
  };
  reportLogs(metrics, world.keeper);
  await unlessAborted(signal, [replica.caughtUp, cluster.whenCaughtUp()]);
  const loop = openLoop(config, world, metrics, log);
  opened.defer(() => loop.stop());
  const server = serveLogs(nc, { subject: names.subjects.containerLogs, keeper, log });
  opened.defer(() => server.close());
  const sweeping = openSweep(config, world, log, signal);
  opened.defer(() => sweeping);
  opened.defer(() => {
    ending.abort();
    needs.pods.set(false, 'stopping');
  });
  needs.pods.set(true);
  const running = opened.move();
  return { opsPort: ops.port, stop: () => running.disposeAsync() };
}

/** Waits for all. @throws the signal's reason when it aborts first */
async function unlessAborted(signal: AbortSignal, waits: readonly Promise<void>[]): Promise<void> {
  signal.throwIfAborted();
  await Promise.race([Promise.all(waits), once(signal, 'abort')]);
  signal.throwIfAborted();
}

async function openBuckets(
  nc: NatsConnection,
  { buckets }: Topology,
  log: Logger,
  signal: AbortSignal,
): Promise<Pick<World, 'statuses' | 'store'>> {
  const store = await untilDone('archive', () => openArchiveStore(nc, buckets.podLogs), { log, signal });
  const statuses = await untilDone('statuses', () => openContainerStatuses(nc, buckets.podContainer), { log, signal });
  return { statuses, store };
}

/** Everything that passes read and write. */
interface World {
  readonly replica: Replica<PodState>;
  readonly kube: KubeClient;
  readonly cluster: ClusterPods;
  readonly keeper: LogKeeper;
  readonly statuses: ContainerStatuses;
  readonly store: ArchiveStore;
  readonly record: Recorder;
}

function openCluster(config: Readonly<Config>, connection: KubeConnection, log: Logger): ClusterPods {
  return followClusterPods({
    connection,
    namespace: config.KUBE_NAMESPACE,
    installation: config.PODS_INSTALLATION_ID,
    site: config.PODS_SITE,
    onError: (err) => {
      log.warn({ component: 'cluster', err }, 'the cluster watch was interrupted');
    },
  });
}

function openKeeper(config: Readonly<Config>, connection: KubeConnection, metrics: Metrics, log: Logger): LogKeeper {
  const namespace = config.KUBE_NAMESPACE;
  const cut = metrics.counter(
    'health_ring_cut_bytes_total',
    'Bytes of container output that were dropped because the memory for all of it was full',
  );
  return createLogKeeper({
    ringBytesMax: config.LOG_RING_BYTES,
    memoryBytesMax: config.LOG_MEMORY_BYTES,
    startFollowing: (source, hooks) => followLog({ connection, namespace, ...source }, hooks),
    // A quiet container's log looks like a dead connection now and then: nothing for anybody to do.
    onTrouble: (key, err) => {
      log.debug({ key, err }, 'reading a log was interrupted');
    },
    onCut: (bytes) => {
      cut.inc(bytes);
    },
  });
}

function openLoop(config: Readonly<Config>, world: World, metrics: Metrics, log: Logger): PodLoop {
  const { replica, cluster, keeper, statuses, store, record } = world;
  const clock = systemClock;
  const troubles = createTroubleMemory({
    now: clock.now,
    readPast: async (podUid) => await pastTroubles(world.kube, podUid),
    onError: (key, err) => {
      log.warn({ key, err }, 'how often a container failed to start could not be read');
    },
  });
  const warnings = createStartWarnings({
    read: async (podUid) => await newestWarning(world.kube, podUid),
    onError: (key, err) => {
      log.warn({ key, err }, 'what the cluster warns of could not be read');
    },
    now: clock.now,
    afterMs: config.WARN_AFTER,
  });
  const repairs = metrics.counter('health_resync_repairs_total', 'Pods that only the full check found to need a pass');
  const lost = metrics.counter('health_lost_archives_total', 'Logs of ended runs that are lost for want of room', [
    'why',
  ]);
  const logs = createLogTender({
    keeper,
    archive: {
      keeper,
      store,
      hurryMs: config.LOG_ARCHIVE_HURRY,
      patienceMs: archivePatienceMs,
      onEvicted: (name) => {
        lost.inc({ why: 'removed_for_newer' });
        log.warn({ objectName: name }, 'the store of logs is full: an archive was removed for a newer one');
      },
    },
    record,
    clock,
    othersMs,
    storeMs,
    onNotKept: () => {
      lost.inc({ why: 'not_kept' });
    },
    log,
  });
  const policy = {
    pullAttemptsMax: config.PULL_ATTEMPTS,
    pullPatienceMs: config.PULL_PATIENCE,
    startPatienceMs: config.START_PATIENCE,
    placementPatienceMs: config.PLACEMENT_PATIENCE,
  };
  const reconciler = createReconciler({ replica, cluster, troubles, warnings, statuses, logs, record, clock, policy });
  const loop = createPodLoop({
    run: reconciler.run,
    isDue: reconciler.isDue,
    keys: () => [...Array.from(replica.entries(), ([key]) => key), ...cluster.keys(), ...statuses.keys()],
    clock,
    concurrency: config.PASSES_AT_ONCE,
    checkEveryMs: config.RESYNC_EVERY,
    onRepairs: (count) => {
      repairs.inc(count);
    },
    hooks: createQueueMetrics(metrics)('pods'),
    log,
  });
  replica.subscribe(loop.wake);
  cluster.subscribe((key, seen) => {
    troubles.note(key, seen);
    loop.wake(key);
  });
  loop.wakeAll();
  return loop;
}

/** Longest reading of the output of a container that ended by itself, per attempt. */
const archivePatienceMs = 5000;
/** Longer than spawner waits for an archive: by then a process that held the output has stored it. */
const othersMs = 15_000;
/** A store of logs that does not work for so long keeps neither memory nor histories waiting. */
const storeMs = 120_000;

function openSweep(config: Readonly<Config>, world: World, log: Logger, signal: AbortSignal): Promise<void> {
  const policy = { runsKept: config.LOG_RUNS_KEPT, ageMsMin: config.LOG_SWEEP_AGE };
  const { store, replica } = world;
  return sweepEvery(config.LOG_SWEEP_EVERY, { store, replica, now: systemClock.now, policy, log }, signal);
}
