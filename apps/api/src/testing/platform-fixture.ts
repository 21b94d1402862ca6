// What an api process needs around it, for specs: streams and buckets on a real nats-server, a database on a real Postgres,
// an identity server; and whole api processes started from settings, as main.ts starts them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import type { Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import type { IdentityFixture } from '@pods/identity/testing';
import { startIdentityFixture } from '@pods/identity/testing';
import { provisionNats, provisionPostgres } from '@pods/provision';
import { createLogger } from '@pods/service';
import { freshPrefix } from '@pods/testing';
import { inject } from 'vitest';
import { apiConfig } from '../config.ts';
import { startApi } from '../start.ts';

const mib = 1024 * 1024;
const maxBytes = { podEvents: 64 * mib, poison: mib, podState: 16 * mib, podContainer: mib, podLogs: 64 * mib };

export interface ApiProcess {
  readonly url: string;
  /** Of /readyz, /metrics. */
  readonly opsUrl: string;
  readonly logged: Record<string, unknown>[];
  readonly stop: () => Promise<void>;
}

export interface PlatformFixture {
  readonly natsUrl: string;
  readonly nc: NatsConnection;
  readonly names: Topology;
  readonly identity: IdentityFixture;
  readonly databaseUrl: string;
  readonly startApi: (env?: Readonly<Record<string, string>>) => Promise<ApiProcess>;
  readonly stop: () => Promise<void>;
}

/** @param natsUrl the shared server by default. */
export async function platformFixture(natsUrl: string = inject('natsUrl')): Promise<PlatformFixture> {
  const prefix = freshPrefix();
  const names = topology(prefix);
  const nc = await connect({ servers: natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const [{ apiUrl }, identity, folder] = await Promise.all([
    provisionPostgres({
      adminUrl: inject('postgresUrl'),
      database: prefix,
      owner: { name: `${prefix}_owner`, password: 'owner' },
      api: { name: `${prefix}_api`, password: 'api' },
    }),
    startIdentityFixture([{ tenantId: 'dev', baseUrl: 'https://dev.pods.test:8443' }]),
    mkdtemp(join(tmpdir(), 'api-spec-')),
    provisionNats(nc, { names, replicas: 1, maxBytes }),
  ]);
  const databaseUrlFile = join(folder, 'database-url');
  await writeFile(databaseUrlFile, apiUrl, { mode: 0o600 });
  const base = {
    PODS_SITE: 'local',
    PODS_PREFIX: prefix,
    NATS_URL: natsUrl,
    DATABASE_URL_FILE: databaseUrlFile,
    TENANTS_URL: identity.url,
    HTTP_PORT: '0',
    OPS_PORT: '0',
    READ_LEASE: '1s',
  };
  const running = new Set<ApiProcess>();
  return {
    natsUrl,
    nc,
    names,
    identity,
    databaseUrl: apiUrl,
    startApi: async (env = {}) => {
      const started = await startProcess({ ...base, ...env });
      running.add(started);
      return started;
    },
    stop: async () => {
      await Promise.all([...running].map((api) => api.stop()));
      await nc.close();
      await identity.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startProcess(env: Readonly<Record<string, string>>): Promise<ApiProcess> {
  const stopping = new AbortController();
  const logged: Record<string, unknown>[] = [];
  const destination = { write: (line: string): void => void logged.push(parseLine(line)) };
  const log = createLogger({ app: 'api', level: 'info', destination });
  const app = await startApi(apiConfig(env), { signal: stopping.signal, log });
  let stopped: Promise<void> | undefined;
  return {
    url: app.url,
    opsUrl: app.opsUrl,
    logged,
    stop: () => {
      stopping.abort(new Error('the spec is over'));
      stopped ??= app.stop();
      return stopped;
    },
  };
}

function parseLine(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
