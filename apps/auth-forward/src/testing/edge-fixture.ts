// A real edge for specs: nats-server with this app's own rights, this app, and Traefik fetching its routes from it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { PodEvent } from '@pods/contracts';
import { podEventSchemaVersion, topology } from '@pods/contracts';
import type { EventLog } from '@pods/event-store';
import { genesisHash, openNatsLog, podHistories } from '@pods/event-store';
import { startIdentityFixture } from '@pods/identity/testing';
import { ensureProgram } from '@pods/local';
import { natsInboxPrefix, natsUsers, provisionNats, renderNatsAuthorization, specSizes } from '@pods/provision';
import { createLogger } from '@pods/service';
import type { NatsServerFixture } from '@pods/testing';
import { freshPrefix, natsServerFixture } from '@pods/testing';
import { readConfig } from '../config.ts';
import type { RunningEdge } from '../start.ts';
import { start } from '../start.ts';

export interface PageReply {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

export interface EdgeFixture {
  readonly server: NatsServerFixture;
  /** Appends events to the history of `dev/<podId>`, as the apps together would. */
  readonly append: (podId: string, ...events: readonly PodEvent[]) => Promise<void>;
  /** A request through Traefik. */
  readonly visit: (host: string, path?: string, headers?: Readonly<Record<string, string>>) => Promise<PageReply>;
  /** Ends this app and starts it again on the same port. */
  readonly stopEdge: () => Promise<void>;
  readonly startEdge: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts everything; `backend` answers in place of the API, nobody in place of the identity service. */
export async function edgeFixture(backend: string): Promise<EdgeFixture> {
  const prefix = freshPrefix();
  const names = topology(prefix);
  const users = natsUsers(names).map((user) => ({ ...user, key: createUser() }));
  const seedOf = (name: string): Uint8Array =>
    users.find((user) => user.name === name)?.key.getSeed() ?? new Uint8Array();
  const withKeys = users.map((user) => ({ ...user, publicKey: user.key.getPublicKey() }));
  const [server, identity, folder, port, edgePort, deadPort] = await Promise.all([
    natsServerFixture(renderNatsAuthorization(withKeys)),
    startIdentityFixture([{ tenantId: 'dev', baseUrl: 'https://dev.pods.test:8443' }]),
    mkdtemp(join(tmpdir(), 'edge-spec-')),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const admin = await connect({
    servers: server.url,
    authenticator: nkeyAuthenticator(seedOf('admin')),
    inboxPrefix: natsInboxPrefix('admin'),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  await provisionNats(admin, { names, replicas: 1, maxBytes: specSizes });
  const log = await openNatsLog({ nc: admin, names: podHistories(names) });
  const seedFile = join(folder, 'auth-forward.nk');
  await writeFile(seedFile, seedOf('auth-forward'), { mode: 0o600 });
  const config = readConfig({
    PODS_SITE: 'local',
    PODS_PREFIX: prefix,
    NATS_URL: server.url,
    NATS_NKEY_SEED_FILE: seedFile,
    TENANTS_URL: identity.url,
    TRAEFIK_BACKENDS: JSON.stringify({
      api: backend,
      identity: `http://127.0.0.1:${deadPort}`,
      self: `http://127.0.0.1:${port}`,
    }),
    EDGE_STATE_DIR: join(folder, 'edge'),
    HTTP_PORT: String(port),
    OPS_PORT: '0',
  });
  let edge: RunningEdge | undefined;
  const stopEdge = async (): Promise<void> => {
    await edge?.stop();
    edge = undefined;
  };
  const startEdge = async (): Promise<void> => {
    const logger = createLogger({ app: 'auth-forward', level: 'silent' });
    edge = await start(config, { signal: new AbortController().signal, log: logger });
  };
  await startEdge();
  const stopTraefik = await startTraefik(folder, edgePort, port);
  return {
    server,
    append: appender(log),
    visit: (host, path = '/', headers = {}) => visit(edgePort, host, path, headers),
    stopEdge,
    startEdge,
    stop: async () => {
      await stopTraefik();
      await stopEdge();
      await admin.close();
      await identity.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function appender(log: EventLog): EdgeFixture['append'] {
  const heads = new Map<string, { version: number; hash: string }>();
  return async (podId, ...events) => {
    for (const { type, ...body } of events) {
      const head = heads.get(podId) ?? { version: 0, hash: genesisHash };
      const version = head.version + 1;
      const outcome = await log.append(['dev', podId], version, {
        eventId: `${podId}-${version}`,
        type,
        causeId: `cause-${version}`,
        causeHash: genesisHash,
        actor: 'ada',
        schema: podEventSchemaVersion,
        previousHash: head.hash,
        body,
      });
      if (outcome.kind !== 'appended') throw new Error('somebody else wrote this version');
      heads.set(podId, { version, hash: outcome.hash });
    }
  };
}

async function startTraefik(folder: string, edgePort: number, port: number): Promise<() => Promise<void>> {
  const settings = [
    `--entryPoints.web.address=127.0.0.1:${edgePort}`,
    `--providers.http.endpoint=http://127.0.0.1:${port}/traefik-config`,
    '--providers.http.pollInterval=100ms',
    '--providers.providersThrottleDuration=50ms',
    '--global.checkNewVersion=false',
    '--log.level=ERROR',
  ];
  const program = await ensureProgram('traefik');
  const traefik = spawn(program, settings, { cwd: folder, stdio: 'ignore' });
  return async () => {
    if (traefik.exitCode !== null) return;
    const ended = once(traefik, 'exit');
    traefik.kill('SIGTERM');
    await ended;
  };
}

/** The certificate is Traefik's own default, which nobody can check. */
function visit(
  port: number,
  host: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<PageReply> {
  const { promise, resolve, reject } = Promise.withResolvers<PageReply>();
  const options = { host: '127.0.0.1', port, path, servername: host, rejectUnauthorized: false, agent: false };
  const asked = httpsRequest({ ...options, headers: { host, ...headers } }, (reply) => {
    const parts: Buffer[] = [];
    reply.on('data', (part: Buffer) => parts.push(part));
    reply.on('end', () => {
      const text = Buffer.concat(parts).toString();
      resolve({ status: reply.statusCode ?? 0, contentType: reply.headers['content-type'], text });
    });
  });
  asked.setTimeout(5000, () => asked.destroy(new Error('no answer in 5 s')));
  asked.on('error', reject);
  asked.end();
  return promise;
}
