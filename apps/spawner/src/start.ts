// Opens what this app needs, waits until it knows the log and the cluster, and starts the passes.
import { topology } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import type { Replica } from '@pods/event-store';
import { createReplica, openNatsLog, podHistories } from '@pods/event-store';
import { connect, createKubeClient } from '@pods/kube';
import type { AppContext, Clock, Need, RunningApp } from '@pods/service';
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
import { openProgressBoard } from './progress-board.ts';
import { createRecordFact } from './record-fact.ts';

/** Resolves when passes run. */
export async function start(config: Config, { log, signal }: AppContext): Promise<RunningApp> {
  const metrics = createMetrics('spawner');
  const readiness = createReadiness(signal);
  const needs = {
    nats: readiness.need('nats'),
    replica: readiness.need('replica'),
    cluster: readiness.need('cluster'),
  };
  const ops = await startOpsServer({ ...config.ops, metrics, readiness });
  const nc = await connectNats({ app: 'spawner', url: config.nats.url, seed: config.nats.seed, log, signal });
  reportNats(nc, needs.nats, log);
  const names = topology(config.prefix);
  const histories = podHistories(names);
  const eventLog = await openNatsLog({ nc, names: histories });
  const replica = createReplica({
    nc,
    names: histories,
    aggregate: podAggregate,
    log: eventLog,
    snapshotBucket: names.buckets.podState,
    onTrouble: (reason, err) => {
      log.warn({ component: 'replica', reason, err }, 'the replica had trouble');
    },
  });
  const connection = connect(config.kube.kubeconfigFile);
  const { namespace } = config.kube;
  const cluster = createClusterCache({
    connection,
    namespace,
    installation: config.installation,
    site: config.site,
    onError: (err) => {
      log.warn({ component: 'cluster', err }, 'following the cluster was interrupted');
    },
  });
  const watching = watchFreshness({ replica, cluster, needs, clock: systemClock });
  const showProgress = await openProgressBoard({
    nc,
    bucket: names.buckets.podContainer,
    onError: (err) => {
      log.warn({ component: 'progress', err }, 'what a pod waits for could not be shown');
    },
  });
  // Nothing may be judged, and nothing removed, by half a picture.
  await Promise.all([replica.caughtUp, cluster.whenCaughtUp()]);
  const spawner = startSpawner({
    config,
    replica,
    log: eventLog,
    cluster,
    kube: createKubeClient(connection, { namespace, fieldManager: 'pods-spawner' }),
    record: createRecordFact({ log: eventLog, replica, logger: log }),
    showProgress,
    clock: systemClock,
    metrics,
    logger: log,
  });
  return {
    stop: async () => {
      await spawner.stop();
      watching.stop();
      await Promise.all([cluster.stop(), replica.close()]);
      await closeNats(nc);
      await ops.close();
    },
  };
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
