// Opens what this app needs, waits until it knows the log and the cluster, and starts the passes.
import { once } from 'node:events';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import type { EventLog, Replica } from '@pods/event-store';
import { createReplica, openNatsLog, podHistories, readStreamIdentity } from '@pods/event-store';
import type { KubeConnection } from '@pods/kube';
import { connect, createKubeClient } from '@pods/kube';
import type { AppContext, Clock, Logger, Need, RunningApp } from '@pods/service';
import {
  closeNats,
  connectNats,
  createMetrics,
  createReadiness,
  reportNats,
  startOpsServer,
  systemClock,
} from '@pods/service';
import { startSpawner } from './app.ts';
import type { ClusterCache } from './cluster-cache.ts';
import { createClusterCache } from './cluster-cache.ts';
import type { Config } from './config.ts';
import { bindLog, untilBound } from './log-binding.ts';
import { createProgressBoard } from './progress-board.ts';
import { createRecordFact } from './record-fact.ts';

/** Resolves when passes run. @throws the signal's reason when it aborts before that. */
export async function start(
  config: Config,
  { log, signal }: AppContext,
): Promise<RunningApp & { readonly opsPort: number }> {
  // Ended in reverse order, also when the start fails half-way.
  await using opened = new AsyncDisposableStack();
  const metrics = createMetrics('spawner');
  const readiness = createReadiness(signal);
  const needs = {
    nats: readiness.need('nats'),
    replica: readiness.need('replica'),
    cluster: readiness.need('cluster'),
    log: readiness.need('log'),
  };
  const ops = await startOpsServer({ ...config.ops, metrics, readiness });
  opened.defer(() => ops.close());
  const nc = await connectNats({ app: 'spawner', url: config.nats.url, seed: config.nats.seed, log, signal });
  opened.defer(() => closeNats(nc));
  reportNats(nc, needs.nats, log);
  const names = topology(config.prefix);
  const eventLog = await openNatsLog({ nc, names: podHistories(names) });
  const replica = followLog(nc, names, eventLog, log);
  opened.defer(() => replica.close());
  const connection = connect(config.kube.kubeconfigFile);
  const cluster = followCluster(connection, config, log);
  opened.defer(() => cluster.stop());
  const watching = watchFreshness({ replica, cluster, needs, clock: systemClock });
  opened.defer(watching.stop);
  // Nothing may be judged, and nothing removed, by half a picture.
  signal.throwIfAborted();
  await Promise.race([Promise.all([replica.caughtUp, cluster.whenCaughtUp()]), once(signal, 'abort')]);
  signal.throwIfAborted();
  const { namespace } = config.kube;
  const kube = createKubeClient(connection, { namespace, fieldManager: 'pods-spawner' });
  await untilBound({
    bind: async () => bindLog(await readStreamIdentity(nc, podHistories(names)), { ...config, kube, namespace }),
    need: needs.log,
    logger: log,
    signal,
  });
  const spawner = startSpawner({
    config,
    replica,
    log: eventLog,
    cluster,
    kube,
    record: createRecordFact({ log: eventLog, replica, logger: log }),
    showProgress: createProgressBoard({
      nc,
      bucket: names.buckets.podContainer,
      onError: (err) => {
        log.warn({ component: 'progress', err }, 'what a pod waits for could not be shown');
      },
    }),
    clock: systemClock,
    metrics,
    logger: log,
  });
  opened.defer(() => spawner.stop());
  const running = opened.move();
  return { opsPort: ops.port, stop: () => running.disposeAsync() };
}

function followLog(nc: NatsConnection, names: Topology, log: EventLog, logger: Logger): Replica<PodState> {
  return createReplica({
    nc,
    names: podHistories(names),
    aggregate: podAggregate,
    log,
    snapshotBucket: names.buckets.podState,
    onTrouble: (reason, err) => {
      logger.warn({ component: 'replica', reason, err }, 'the replica had trouble');
    },
  });
}

function followCluster(connection: KubeConnection, config: Config, logger: Logger): ClusterCache {
  return createClusterCache({
    connection,
    namespace: config.kube.namespace,
    installation: config.installation,
    site: config.site,
    onError: (err) => {
      logger.warn({ component: 'cluster', err }, 'following the cluster was interrupted');
    },
  });
}

interface Freshness {
  readonly replica: Replica<PodState>;
  readonly cluster: ClusterCache;
  readonly needs: { readonly replica: Need; readonly cluster: Need };
  readonly clock: Clock;
}

/** A silence longer than this is no longer an idle cluster: bookmarks come once a minute. */
const clusterSilenceMsMax = 180_000;
const replicaLagMsMax = 30_000;
const checkEveryMs = 1000;

/** Keeps readiness at what replica and cluster cache are. */
function watchFreshness({ replica, cluster, needs, clock }: Freshness): { readonly stop: () => void } {
  let clusterCaughtUp = false;
  void cluster.whenCaughtUp().then(() => {
    clusterCaughtUp = true;
  });
  const check = (): void => {
    const failure = replica.failure?.message;
    const replicaFresh = replica.isCaughtUp && replica.lagMs <= replicaLagMsMax && failure === undefined;
    needs.replica.set(
      replicaFresh,
      failure ?? (replica.isCaughtUp ? 'the replica is behind the log' : 'the replica is still loading'),
    );
    const heardAt = cluster.lastContactAt();
    const clusterFresh = clusterCaughtUp && heardAt !== undefined && clock.now() - heardAt <= clusterSilenceMsMax;
    needs.cluster.set(
      clusterFresh,
      clusterCaughtUp ? 'the cluster has not been heard for a while' : 'the cluster is still being listed',
    );
    cancel = clock.setTimer(checkEveryMs, check);
  };
  let cancel = clock.setTimer(0, check);
  return {
    stop: () => {
      cancel();
    },
  };
}
