// What api processes need around them, for benches without a cluster: a synced nats-server with the rights of production,
// a Postgres, an identity server; and api processes as production starts them. Does not measure.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import type { NatsConnection } from '@nats-io/transport-node';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import type { IdentityFixture } from '@pods/identity/testing';
import { startIdentityFixture } from '@pods/identity/testing';
import {
  localSizes,
  natsInboxPrefix,
  natsUsers,
  provisionNats,
  provisionPostgres,
  renderNatsAuthorization,
} from '@pods/provision';
import type { Guard } from '@pods/testing/servers';
import { eventually, findProgram, freePort, startNatsServer, startPostgres } from '@pods/testing/servers';
import { z } from 'zod';

const apiProgram = fileURLToPath(new URL('../../../../apps/api/src/main.ts', import.meta.url));

export const tenant = 'dev';

/** One installation on the shared servers: streams, database and api processes of its own. */
export interface Installation {
  readonly names: Topology;
  /** Base URLs of its api processes, each ready. */
  readonly apiUrls: readonly string[];
  /** A connection with api's rights. */
  readonly nc: NatsConnection;
  /** Resolves when nothing is left to do after the last answer: the copy of the log and the cache of folds are complete. */
  readonly whenIdle: () => Promise<void>;
}

export interface ApiServers<Name extends string> {
  readonly installations: Readonly<Record<Name, Installation>>;
  readonly identity: IdentityFixture;
  /** Closes this process's connections; the guard ends the servers. */
  readonly close: () => Promise<void>;
}

/** Starts one installation for each name, with so many api processes. */
export async function startApiServers<Name extends string>(
  guard: Guard,
  apiCounts: Readonly<Record<Name, number>>,
): Promise<ApiServers<Name>> {
  const wanted = namesOf(apiCounts).map((name) => installationPlan(name, apiCounts[name]));
  const users = wanted.flatMap(({ keys }) => keys);
  const [nats, postgresUrl, identity] = await Promise.all([
    findProgram('nats-server').then((program) => startNatsServer(guard, program, renderNatsAuthorization(users))),
    startPostgres(guard),
    startIdentityFixture([{ tenantId: tenant, baseUrl: 'https://dev.pods.test:8443' }]),
  ]);
  const around = { guard, natsUrl: nats.url, postgresUrl, identityUrl: identity.url };
  const started: Partial<Record<Name, Installation>> = {};
  const closers: (() => Promise<void>)[] = [() => identity.stop()];
  for (const plan of wanted) {
    const installation = await startInstallation(around, plan);
    started[plan.name] = installation;
    closers.unshift(() => installation.nc.close());
  }
  return {
    installations: allOf(
      started,
      wanted.map(({ name }) => name),
    ),
    identity,
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

interface Plan<Name extends string> {
  readonly name: Name;
  readonly apiCount: number;
  readonly names: Topology;
  readonly keys: readonly (ReturnType<typeof natsUsers>[number] & {
    readonly publicKey: string;
    readonly seed: Uint8Array;
  })[];
}

function installationPlan<Name extends string>(name: Name, apiCount: number): Plan<Name> {
  const names = topology(name);
  const keys = natsUsers(names).map((user) => {
    const key = createUser();
    return { ...user, publicKey: key.getPublicKey(), seed: key.getSeed() };
  });
  return { name, apiCount, names, keys };
}

interface Around {
  readonly guard: Guard;
  readonly natsUrl: string;
  readonly postgresUrl: string;
  readonly identityUrl: string;
}

async function startInstallation(around: Around, plan: Plan<string>): Promise<Installation> {
  const { guard, natsUrl, postgresUrl, identityUrl } = around;
  const { name, names } = plan;
  const admin = await connectAs(natsUrl, plan, 'admin');
  await provisionNats(admin, { names, replicas: 1, maxBytes: localSizes });
  const { apiUrl: databaseUrl } = await provisionPostgres({
    adminUrl: postgresUrl,
    database: name,
    owner: { name: `${name}_owner`, password: 'owner' },
    api: { name: `${name}_api`, password: 'api' },
  });
  const folder = join(guard.folder, `installation-${name}`);
  await mkdir(folder, { mode: 0o700 });
  const seedFile = join(folder, 'api.nk');
  const databaseUrlFile = join(folder, 'database-url');
  await writeFile(seedFile, seedOf(plan, 'api'), { mode: 0o600 });
  await writeFile(databaseUrlFile, databaseUrl, { mode: 0o600 });
  const env = {
    PODS_SITE: 'local',
    PODS_PREFIX: name,
    NATS_URL: natsUrl,
    NATS_NKEY_SEED_FILE: seedFile,
    DATABASE_URL_FILE: databaseUrlFile,
    TENANTS_URL: identityUrl,
  };
  const apiUrls: string[] = [];
  for (let index = 1; index <= plan.apiCount; index += 1) {
    apiUrls.push(await startApi(guard, `api-${name}-${index}`, env));
  }
  return {
    names,
    apiUrls,
    nc: await connectAs(natsUrl, plan, 'api'),
    whenIdle: () => whenIdle(admin, names, plan.apiCount),
  };
}

async function startApi(guard: Guard, name: string, env: Readonly<Record<string, string>>): Promise<string> {
  const [port, opsPort] = [await freePort(), await freePort()];
  const running = await guard.start({
    name,
    command: process.execPath,
    args: [apiProgram],
    env: { ...env, HTTP_PORT: String(port), OPS_PORT: String(opsPort) },
  });
  await eventually(
    async () => {
      await running.assertRunning();
      return (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok;
    },
    { timeoutMs: 30_000 },
  );
  return `http://127.0.0.1:${port}`;
}

const watermarkSchema = z.object({ seq: z.int() });

async function whenIdle(admin: NatsConnection, names: Topology, apiCount: number): Promise<void> {
  if (apiCount === 0) return;
  const jsm = await jetstreamManager(admin, { checkAPI: false });
  const stream = names.streams.podEvents;
  const watermark = { last_by_subj: `$KV.${names.buckets.podState}.watermark` };
  await eventually(
    async () => {
      const { state } = await jsm.streams.info(stream);
      if (state.last_seq === 0) return true;
      const kept = await jsm.streams.getMessage(`KV_${names.buckets.podState}`, watermark);
      if (kept === null || watermarkSchema.parse(kept.json()).seq < state.last_seq) return false;
      for await (const consumer of jsm.consumers.list(stream)) {
        if (consumer.num_pending > 0 || consumer.num_ack_pending > 0) return false;
      }
      return true;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}

function connectAs(url: string, plan: Plan<string>, user: 'admin' | 'api'): Promise<NatsConnection> {
  return connect({
    servers: url,
    authenticator: nkeyAuthenticator(seedOf(plan, user)),
    inboxPrefix: natsInboxPrefix(user),
  });
}

function seedOf({ keys }: Plan<string>, user: 'admin' | 'api'): Uint8Array {
  const found = keys.find(({ name }) => name === user);
  if (found === undefined) throw new Error(`there is no NATS user ${user}`);
  return found.seed;
}

function namesOf<Name extends string>(record: Readonly<Record<Name, unknown>>): readonly Name[] {
  const names: Name[] = [];
  for (const name in record) names.push(name);
  return names;
}

function allOf<Name extends string, Value>(
  some: Partial<Record<Name, Value>>,
  names: readonly Name[],
): Readonly<Record<Name, Value>> {
  const isComplete = (record: Partial<Record<Name, Value>>): record is Record<Name, Value> =>
    names.every((name) => record[name] !== undefined);
  if (!isComplete(some)) throw new Error('an installation was not started');
  return some;
}
