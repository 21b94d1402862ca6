// What an api process needs around it, for specs: a nats-server that enforces the permissions of each app, a database with
// api's own role, an identity server; and whole api processes started from settings, as main.ts starts them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import type { NatsConnection } from '@nats-io/transport-node';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import type { IdentityFixture } from '@pods/identity/testing';
import { startIdentityFixture } from '@pods/identity/testing';
import {
  natsInboxPrefix,
  natsUsers,
  provisionNats,
  provisionPostgres,
  renderNatsAuthorization,
  specSizes,
} from '@pods/provision';
import { createLogger } from '@pods/service';
import type { NatsServerFixture } from '@pods/testing';
import { freshPrefix, natsServerFixture } from '@pods/testing';
import { inject } from 'vitest';
import { apiConfig } from '../config.ts';
import { startApi } from '../start.ts';

export interface ApiProcess {
  readonly url: string;
  /** Of /readyz, /metrics. */
  readonly opsUrl: string;
  readonly logged: Record<string, unknown>[];
  readonly stop: () => Promise<void>;
}

export interface PlatformFixture<Server extends NatsServerFixture = NatsServerFixture> {
  readonly server: Server;
  /** The administrator's connection: it may play every other app. */
  readonly admin: NatsConnection;
  readonly names: Topology;
  readonly identity: IdentityFixture;
  readonly databaseUrl: string;
  readonly startApi: (env?: Readonly<Record<string, string>>) => Promise<ApiProcess>;
  readonly stop: () => Promise<void>;
}

/** Starts what is around, no api process yet. */
export const platformFixture = (): Promise<PlatformFixture> => platformAround(natsServerFixture);

/** Starts the same around a nats-server that is started with the given settings. */
export async function platformAround<Server extends NatsServerFixture>(
  startServer: (settings: string) => Promise<Server>,
): Promise<PlatformFixture<Server>> {
  const prefix = freshPrefix();
  const names = topology(prefix);
  const users = natsUsers(names).map((user) => ({ ...user, key: createUser() }));
  const withKeys = users.map((user) => ({ ...user, publicKey: user.key.getPublicKey() }));
  const seedOf = (name: string): Uint8Array =>
    users.find((user) => user.name === name)?.key.getSeed() ?? new Uint8Array();
  const [server, { apiUrl }, identity, folder] = await Promise.all([
    startServer(renderNatsAuthorization(withKeys)),
    provisionPostgres({
      adminUrl: inject('postgresUrl'),
      database: prefix,
      owner: { name: `${prefix}_owner`, password: 'owner' },
      api: { name: `${prefix}_api`, password: 'api' },
    }),
    startIdentityFixture([{ tenantId: 'dev', baseUrl: 'https://dev.pods.test:8443' }]),
    mkdtemp(join(tmpdir(), 'api-spec-')),
  ]);
  const admin = await connect({
    servers: server.url,
    authenticator: nkeyAuthenticator(seedOf('admin')),
    inboxPrefix: natsInboxPrefix('admin'),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  await provisionNats(admin, { names, replicas: 1, maxBytes: specSizes });
  const secret = async (name: string, content: string | Uint8Array): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  const env = {
    PODS_SITE: 'local',
    PODS_PREFIX: prefix,
    NATS_URL: server.url,
    NATS_NKEY_SEED_FILE: await secret('api.nk', seedOf('api')),
    DATABASE_URL_FILE: await secret('database-url', apiUrl),
    TENANTS_URL: identity.url,
    HTTP_PORT: '0',
    OPS_PORT: '0',
    READ_LEASE: '1s',
  };
  const running: ApiProcess[] = [];
  return {
    server,
    admin,
    names,
    identity,
    databaseUrl: apiUrl,
    startApi: async (more = {}) => {
      const started = await startProcess({ ...env, ...more });
      running.push(started);
      return started;
    },
    stop: async () => {
      await Promise.all(running.map((api) => api.stop()));
      await admin.close();
      await identity.stop();
      await server.stop();
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
