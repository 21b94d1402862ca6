// Opens what this app needs and wires it: the replica drives routes and pages, the Tenants API names the hosts.
import { topology } from '@pods/contracts';
import type { LivePod, PodState } from '@pods/domain-pods';
import { isLive, podAggregate } from '@pods/domain-pods';
import type { Folded, Replica } from '@pods/event-store';
import { createReplica, openNatsLog, podHistories } from '@pods/event-store';
import type { Tenant } from '@pods/identity';
import { createTenantDirectory } from '@pods/identity';
import type { AppContext, Logger, Metrics, Need, RunningApp } from '@pods/service';
import {
  closeNats,
  connectNats,
  createMetrics,
  createReadiness,
  pause,
  reportNats,
  serveHttp,
  startOpsServer,
} from '@pods/service';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { fileStore } from './edge/file-store.ts';
import type { Publisher } from './edge/publisher.ts';
import { createPublisher } from './edge/publisher.ts';
import type { HostIndex } from './pages/page-for-host.ts';
import { createHostIndex } from './pages/page-for-host.ts';

export interface RunningEdge extends RunningApp {
  /** Ports that were bound. */
  readonly port: number;
  readonly opsPort: number;
}

/** Starts the app; resolves when it listens. It is ready when its replica and the tenants are loaded. */
export async function start(config: Readonly<Config>, { signal, log }: AppContext): Promise<RunningEdge> {
  const metrics = createMetrics('auth-forward');
  const readiness = createReadiness(signal);
  const needs = {
    nats: readiness.need('nats'),
    replica: readiness.need('replica'),
    tenants: readiness.need('tenants'),
  };
  const ops = await startOpsServer({ host: config.OPS_HOST, port: config.OPS_PORT, metrics, readiness });
  const nc = await connectNats({
    app: 'auth-forward',
    url: config.NATS_URL,
    seed: config.NATS_NKEY_SEED_FILE,
    log,
    signal,
  });
  reportNats(nc, needs.nats, log);

  const publisher = openPublisher(config, metrics, log);
  const hosts = createHostIndex();
  const names = topology(config.PODS_PREFIX);
  const historyNames = podHistories(names);
  const replica = createReplica({
    nc,
    names: historyNames,
    aggregate: podAggregate,
    log: await openNatsLog({ nc, names: historyNames }),
    snapshotBucket: names.buckets.podState,
    onTrouble: (reason, err) => {
      log.warn({ reason, err }, 'the replica had trouble');
    },
  });
  await fill(replica, publisher, hosts);
  needs.replica.set(true);
  void watchTenants(config, { publisher, need: needs.tenants, log, signal });

  const app = buildApp({ document: publisher.document, hosts });
  const listener = await serveHttp({
    fetch: (request) => app.fetch(request),
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
  });
  return {
    port: listener.port,
    opsPort: ops.port,
    stop: async () => {
      await listener.close();
      await replica.close();
      await closeNats(nc);
      await ops.close();
    },
  };
}

function openPublisher(config: Readonly<Config>, metrics: Metrics, log: Logger): Publisher {
  const faultsTotal = metrics.counter('edge_faults_total', 'Documents that failed their check and were not served');
  const badPods = metrics.counter('edge_bad_pods_total', 'Pods that could not be rendered and were left out');
  return createPublisher({
    settings: {
      entryPoint: config.TRAEFIK_ENTRY_POINT,
      selfUrl: config.TRAEFIK_BACKENDS.self,
      apiUrl: config.TRAEFIK_BACKENDS.api,
      identityUrl: config.TRAEFIK_BACKENDS.identity,
    },
    store: fileStore(config.EDGE_STATE_DIR, (err) => {
      log.error({ err }, 'the last good configuration cannot be kept on disk');
    }),
    onFaults: (faults) => {
      faultsTotal.inc();
      log.error({ reason: faults.join('; ') }, 'a configuration failed its check; the last good one stays');
    },
    onBadPod: (key, err) => {
      badPods.inc();
      log.error({ key, err }, 'a pod has no route: it could not be rendered');
    },
  });
}

const liveOf = (folded: Folded<PodState> | undefined): LivePod | undefined =>
  folded !== undefined && isLive(folded.state) ? folded.state : undefined;

/** Routes and pages follow the replica: all pods once it is caught up, then each change. */
async function fill(replica: Replica<PodState>, publisher: Publisher, hosts: HostIndex): Promise<void> {
  const apply = (key: string, folded: Folded<PodState> | undefined): void => {
    const pod = liveOf(folded);
    publisher.update(key, pod);
    hosts.update(key, pod);
  };
  await replica.caughtUp;
  // No await between the two: an event applied in between would be missed.
  for (const [key, folded] of replica.entries()) apply(key, folded);
  replica.subscribe(apply);
}

interface TenantWatch {
  readonly publisher: Publisher;
  readonly need: Need;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The Tenants API has no watch: its list is read again at an interval, and at once while it was never read. */
async function watchTenants(config: Readonly<Config>, { publisher, need, log, signal }: TenantWatch): Promise<void> {
  const directory = createTenantDirectory({
    url: config.TENANTS_URL,
    siteId: config.PODS_SITE,
    clock: Date.now,
    log,
    ageMsMax: config.TENANTS_REFRESH / 2,
  });
  while (!signal.aborted) {
    const served: readonly Tenant[] | undefined = await directory.served().catch((err: unknown) => {
      log.warn({ err }, 'the tenants cannot be read');
      return undefined;
    });
    if (served !== undefined) {
      publisher.setTenantHosts(served.map((tenant) => new URL(tenant.baseUrl).hostname));
      need.set(true);
    }
    await pause(served === undefined ? 1000 : config.TENANTS_REFRESH, signal).catch(() => undefined);
  }
}
