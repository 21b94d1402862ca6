// Puts the api process together: connections, replica, followers, listeners; and takes it apart in reverse.
import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Topology } from '@pods/contracts';
import { failure, topology } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import type { EventLog, Replica } from '@pods/event-store';
import {
  createPodWriter,
  createReplica,
  createSnapshotWriter,
  decideAs,
  openNatsLog,
  podHistories,
} from '@pods/event-store';
import { createAuthenticator, createRoles, createTenantDirectory, createTokenVerifier } from '@pods/identity';
import { createPodEventCopy, openDatabase } from '@pods/read-store';
import type { AppContext, Clock, Logger, Metrics, Readiness, RunningApp } from '@pods/service';
import {
  closeNats,
  connectNats,
  createMetrics,
  createReadiness,
  reportNats,
  serveHttp,
  startOpsServer,
  systemClock,
} from '@pods/service';
import packageJson from '../package.json' with { type: 'json' };
import { buildApi } from './app.ts';
import { withinSize } from './changes/definition-size.ts';
import { createLogRoom } from './changes/log-room.ts';
import type { ApiConfig } from './config.ts';
import { createArchivedLogs } from './container-logs/archived-logs.ts';
import { createContainerLogs } from './container-logs/container-logs.ts';
import { createRunningLogs } from './container-logs/running-logs.ts';
import { createWhenArchived } from './container-logs/when-archived.ts';
import { createContainerStatusMap } from './container-status/container-status.ts';
import { watchContainerStatus } from './container-status/watch-container-status.ts';
import type { ApiDeps } from './deps.ts';
import { createRequestMetrics } from './http/request-metrics.ts';
import { createLogCopyMetrics, runLogCopy } from './log-copy/log-copy.ts';
import type { Freshness } from './read-your-writes/freshness.ts';
import { startFreshness } from './read-your-writes/freshness.ts';

/** Durations that clocks set by people cannot disturb. */
const monotonicClock: Clock = { now: () => performance.now(), setTimer: systemClock.setTimer };

export interface RunningApi extends RunningApp {
  /** Of the main listener and of the one for operators, with the ports that were bound. */
  readonly url: string;
  readonly opsUrl: string;
}

/** Starts everything; requests are answered at once, pods are shown as soon as the replica has caught up. */
export async function startApi(config: ApiConfig, { signal, log }: AppContext): Promise<RunningApi> {
  const metrics = createMetrics('api');
  const readiness = createReadiness(signal);
  const natsNeed = readiness.need('nats');
  const ops = await startOpsServer({ ...config.ops, metrics, readiness });
  const nc = await connectNats({ app: 'api', url: config.nats.url, seedFile: config.nats.seedFile, log, signal });
  reportNats(nc, natsNeed, log);
  const names = topology(config.prefix);
  const pods = await followPods({ nc, names, readiness, log, leaseMs: config.leaseMs });
  const status = createContainerStatusMap();
  const watching = watchContainerStatus({ nc, bucket: names.buckets.podContainer, map: status, log, signal });
  const database = openDatabase({
    url: config.databaseUrl.reveal(),
    onIdleError: (err) => log.warn({ err, component: 'log-copy' }, 'a connection to the database broke'),
  });
  const copying = runLogCopy({
    nc,
    names,
    copy: createPodEventCopy(database),
    log: pods.log,
    logger: log,
    metrics: createLogCopyMetrics(metrics),
    signal,
  });
  const api = buildApi(dependencies({ config, nc, names, pods, metrics, log, status: status.of }));
  const http = await serveHttp({
    ...config.http,
    fetch: (request, bindings) => api.fetch(request, 'incoming' in bindings ? bindings : {}),
    describeBrokenRequest: ({ message }) => failure(packageJson.version, message),
  });
  log.info({ host: http.host, port: http.port }, 'listening');
  return {
    url: `http://${http.host}:${http.port}`,
    opsUrl: `http://${ops.host}:${ops.port}`,
    stop: async () => {
      await http.close();
      await pods.stop();
      await Promise.all([watching, copying]);
      await database.destroy();
      await closeNats(nc);
      await ops.close();
    },
  };
}

interface Pods {
  readonly log: EventLog;
  readonly replica: Replica<PodState>;
  readonly freshness: Freshness;
  readonly stop: () => Promise<void>;
}

interface FollowOptions {
  readonly nc: NatsConnection;
  readonly names: Topology;
  readonly readiness: Readiness;
  readonly log: Logger;
  readonly leaseMs: number;
}

async function followPods({ nc, names, readiness, log, leaseMs }: FollowOptions): Promise<Pods> {
  const replicaNeed = readiness.need('replica');
  const freshnessNeed = readiness.need('freshness');
  const histories = podHistories(names);
  // A user waits for it: sooner an answer that says when to ask again.
  const eventLog = await openNatsLog({ nc, names: histories, appendDeadlineMs: 5000 });
  const replica = createReplica({
    nc,
    names: histories,
    aggregate: podAggregate,
    log: eventLog,
    snapshotBucket: names.buckets.podState,
    onTrouble: (what, err) => log.warn({ err, component: 'replica', reason: what }, 'trouble of the replica'),
  });
  const snapshots = createSnapshotWriter({
    nc,
    bucket: names.buckets.podState,
    replica,
    onTrouble: (err) => log.warn({ err, component: 'snapshots' }, 'folds could not be kept, trying again'),
  });
  replica.caughtUp.then(
    () => replicaNeed.set(true),
    (err: unknown) => replicaNeed.set(false, err instanceof Error ? err.message : 'failed'),
  );
  const freshness = startFreshness({
    nc,
    subject: names.subjects.applied,
    instance: randomUUID(),
    replica,
    lastSeq: async () => (await eventLog.usage()).lastSeq,
    leaseMs,
    clock: monotonicClock,
    need: freshnessNeed,
    log,
  });
  const stop = async (): Promise<void> => {
    await freshness.stop();
    await snapshots.close();
    await replica.close();
  };
  return { log: eventLog, replica, freshness, stop };
}

interface Parts {
  readonly config: ApiConfig;
  readonly nc: NatsConnection;
  readonly names: Topology;
  readonly pods: Pods;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly status: ApiDeps['containerStatus'];
}

function dependencies({ config, nc, names, pods, metrics, log, status }: Parts): ApiDeps {
  return {
    settings: {
      version: packageJson.version,
      errorCodes: config.errorCodes,
      statusWords: config.statusWords,
      limits: config.limits,
      corsOrigins: config.corsOrigins,
      visibleWithinMs: 5000,
    },
    ...identity(config, log),
    pods: pods.replica,
    write: createPodWriter({
      app: 'api',
      log: pods.log,
      replica: pods.replica,
      aggregate: podAggregate,
      decide: decideAs('api', withinSize(podAggregate.decide)),
    }),
    log: pods.log,
    hasRoom: createLogRoom(pods.log, () => performance.now()),
    freshness: pods.freshness,
    containerStatus: status,
    containerLogs: createContainerLogs({
      running: createRunningLogs({ nc, app: 'api', subject: names.subjects.containerLogs, log }),
      archived: createArchivedLogs(nc, names.buckets.podLogs, log),
      whenArchived: createWhenArchived(pods.replica, systemClock),
    }),
    newId: randomUUID,
    clock: () => performance.now(),
    logger: log,
    metrics: createRequestMetrics(metrics),
  };
}

function identity({ identity: settings, site }: ApiConfig, logger: Logger): Pick<ApiDeps, 'authenticator' | 'roles'> {
  const clock = Date.now;
  const log = {
    warn: (detail: Readonly<Record<string, unknown>>, message: string): void => {
      const { err, ...rest } = detail;
      logger.warn({ err, detail: rest, component: 'identity' }, message);
    },
  };
  const tenants = createTenantDirectory({ url: settings.tenantsUrl, siteId: site, clock, log });
  const tokens = createTokenVerifier({ tenants, clock });
  const { serviceToken, internalHosts, adminRoles } = settings;
  return {
    authenticator: createAuthenticator({ tenants, tokens, siteId: site, internalHosts }),
    roles: createRoles({
      url: settings.securityUrl,
      adminRoles,
      clock,
      log,
      ...(serviceToken && { headers: () => ({ 'X-Tapis-Token': serviceToken.reveal() }) }),
    }),
  };
}
