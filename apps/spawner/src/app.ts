// Wires the passes: what wakes them, what they read and write, what is counted. Opens nothing itself.
import { podKeyFromString } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import type { EventLog, Replica } from '@pods/event-store';
import type { KubeClient } from '@pods/kube';
import type { Clock, Logger, Metrics } from '@pods/service';
import { createKeyedQueue, createQueueMetrics } from '@pods/service';
import type { ClusterCache } from './cluster-cache.ts';
import { startFullPass } from './full-pass.ts';
import type { OrphanLimits } from './orphan-guard.ts';
import { mayRemoveOrphans } from './orphan-guard.ts';
import type { ShowProgress } from './progress-board.ts';
import type { SpawnPolicy } from './reconcile/pod/actions.ts';
import type { ManifestSettings } from './reconcile/pod/manifests/input.ts';
import { createReconciler } from './reconcile/pod/reconciler.ts';
import type { RecordFact } from './record-fact.ts';
import { createSpawnMetrics } from './spawn-metrics.ts';
import { createTeardownTimes } from './teardown-times.ts';

/** What of the settings concerns passes. */
export interface SpawnerConfig {
  readonly installation: string;
  readonly manifests: ManifestSettings;
  readonly policy: SpawnPolicy;
  readonly orphans: OrphanLimits;
  readonly fullPassEveryMs: number;
  readonly passesAtOnce: number;
}

export interface SpawnerDeps {
  readonly config: SpawnerConfig;
  /** Caught up. */
  readonly replica: Replica<PodState>;
  readonly log: EventLog;
  /** Caught up. */
  readonly cluster: Pick<ClusterCache, 'objectsOf' | 'keys' | 'subscribe'>;
  readonly kube: Pick<KubeClient, 'create' | 'apply' | 'get' | 'delete'>;
  readonly record: RecordFact;
  readonly showProgress: ShowProgress;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface Spawner {
  /** Resolves when nothing is due. */
  readonly idle: () => Promise<void>;
  /** Lets running passes end; see the queue's `stop`. */
  readonly stop: (patienceMs?: number) => Promise<void>;
}

/** Starts reconciling: every key is woken once, and whenever something changes. */
export function startSpawner(deps: SpawnerDeps): Spawner {
  const { config, replica, cluster, clock, logger } = deps;
  const counted = createSpawnMetrics(deps.metrics);
  const keys = (): readonly string[] => [...Array.from(replica.entries(), ([key]) => key), ...cluster.keys()];
  const acted = new Map<string, boolean>();
  const reconcile = createReconciler({
    observing: {
      ...deps,
      installation: config.installation,
      settings: config.manifests,
      mayRemoveOrphans: () => mayRemoveOrphans(cluster, (key) => replica.get(key)?.state, config.orphans),
      teardownSeenAt: createTeardownTimes(clock.now),
    },
    executing: {
      kube: deps.kube,
      record: deps.record,
      gracePeriodSeconds: config.manifests.gracePeriodSeconds,
      onAction: counted.action,
    },
    policy: config.policy,
    now: clock.now,
    showProgress: deps.showProgress,
    onPass: ({ key, planned }) => {
      acted.set(key, planned.actions.length > 0);
      counted.orphansRefused(key, planned.alarm !== null);
    },
    log: logger,
  });
  const queue = createKeyedQueue({
    concurrency: config.passesAtOnce,
    run: reconcile,
    clock,
    backoff: { minMs: 200, maxMs: 15_000 },
    hooks: createQueueMetrics(deps.metrics)('pods'),
    onOutcome: (key, outcome, { nextInMs }) => {
      fullPass.passed(key, { acted: acted.get(key) === true, nextInMs });
      acted.delete(key);
      if (outcome.kind === 'retry')
        logger.warn({ ...podKeyFromString(key), reason: outcome.reason, err: outcome.error }, 'a pass is tried again');
    },
  });
  const fullPass = startFullPass({
    clock,
    everyMs: config.fullPassEveryMs,
    keys,
    wake: queue.wake,
    onRepair: (key) => {
      counted.repair();
      logger.warn({ ...podKeyFromString(key) }, 'only the full pass found that there was something to do');
    },
  });
  const wake = (key: string): void => {
    fullPass.woken(key);
    queue.wake(key);
  };
  const unsubscribe = [replica.subscribe(wake), cluster.subscribe(wake)];
  for (const key of keys()) queue.wake(key);
  return {
    idle: queue.idle,
    stop: async (patienceMs) => {
      for (const end of unsubscribe) end();
      fullPass.stop();
      await queue.stop(patienceMs);
    },
  };
}
