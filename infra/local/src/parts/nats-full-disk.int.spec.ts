// Guarantees about nats-server, as the platform runs it, on a disk that becomes full. Needs root, as the platform does.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIfThere } from '../files/put-file.ts';
import { keeperSpec } from '../keeper/part.ts';
import { openPlatform, type Platform } from '../platform.ts';
import { haltDaemon, haltRest, startDaemon } from '../process/daemon.ts';
import { readRecord, type DaemonRecord } from '../process/records.ts';
import { run } from '../process/run.ts';
import { endIfStuck } from '../process/stuck.ts';
import { until } from '../process/until.ts';
import { ensureProgram } from '../programs/ensure.ts';
import { parseSettings } from '../settings/settings.ts';
import { nats, natsUrl, seedFileOf } from './nats.ts';
import { startPart } from './part.ts';

const DISK_BYTES = 48 * 2 ** 20;

let folder = '';
let platform: Platform;
let nc: NatsConnection;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-nats-'));
  const [portNats, portNatsMonitor] = await freePorts();
  platform = await openPlatform(parseSettings({ state: join(folder, 'state'), portNats, portNatsMonitor }, '/'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', platform.folders.nats]);
  await start();
  const seed = new TextEncoder().encode((await readIfThere(seedFileOf(platform, 'admin')))?.trim() ?? '');
  nc = await connect({
    servers: natsUrl(platform),
    authenticator: nkeyAuthenticator(seed),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  await nc.request('$JS.API.STREAM.CREATE.LOG', JSON.stringify({ name: 'LOG', subjects: ['log.*'] }));
});
afterEach(async () => {
  await nc.close();
  await haltDaemon(platform.home, 'keeper');
  await haltRest(platform.home);
  await run('umount', [platform.folders.nats]);
  await rm(folder, { recursive: true, force: true });
});

/** Two that nobody listened on a moment ago. */
const freePorts = async (): Promise<readonly [string, string]> => {
  const servers = await Promise.all([listen(), listen()]);
  const [first, second] = servers.map((server) => server.port);
  await Promise.all(servers.map(async (server) => await server.close()));
  return [String(first), String(second)];
};

const listen = async (): Promise<{ readonly port: number; readonly close: () => Promise<void> }> => {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.on('error', reject).listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await promise;
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, close: async () => await server[Symbol.asyncDispose]() };
};

/** As `npm start` does it. */
const start = async (): Promise<void> => {
  await startPart(
    platform,
    nats,
    { 'nats-server': await ensureProgram('nats-server'), traefik: '' },
    AbortSignal.timeout(30_000),
  );
};

const store = async (subject: string): Promise<string> =>
  (await nc.request(subject, new Uint8Array(8_000), { timeout: 1_000 })).string();

/** A request that was under way when the server ended, or while the connection is made anew, fails. */
const untilStored = async (): Promise<void> => {
  const stored = async (): Promise<void> => {
    expect(await store('log.more')).toContain('"stream":"LOG"');
  };
  await until(stored, { what: 'a log that takes writes', deadlineMs: 20_000, intervalMs: 50 });
};

const readFirst = async (): Promise<string> =>
  (await nc.request('$JS.API.STREAM.MSG.GET.LOG', JSON.stringify({ seq: 1 }))).string();

/** Fills the disk until a write has failed. Returns what makes room again. */
const fill = async (): Promise<() => Promise<void>> => {
  const file = join(platform.folders.nats, 'filling');
  await expect(writeFile(file, new Uint8Array(DISK_BYTES))).rejects.toThrow('ENOSPC');
  const full = async (): Promise<void> => {
    await expect(store('log.more')).rejects.toThrow('timeout');
  };
  await until(full, { what: 'a write that fails', deadlineMs: 10_000, intervalMs: 1 });
  return async () => {
    await rm(file);
  };
};

const recorded = async (): Promise<DaemonRecord> => {
  const record = await readRecord(platform.folders.run, nats.name);
  if (record === undefined) throw new Error('no record');
  return record;
};

describe('nats-server on a full disk', () => {
  it('is unwell and left alone, then started again by the keeper when there is room, and takes writes', async () => {
    await store('log.first');
    const makeRoom = await fill();
    await expect(nats.check(platform)).rejects.toThrow(/LOG' write error: .*no space left on device/);
    const stuck = await recorded();
    expect(await endIfStuck(platform.folders.run, nats.name)).toBeUndefined();
    expect(await recorded()).toEqual(stuck);
    expect(await readFirst()).toContain('log.first');

    await makeRoom();
    await expect(store('log.more')).rejects.toThrow('timeout');
    await startDaemon(platform.home, keeperSpec(platform.home));
    await untilStored();
    expect(await recorded()).toMatchObject({ restarts: 1, quickEnds: 0 });
    await nats.check(platform);
    expect(await readFirst()).toContain('log.first');
  });

  it('is started again by npm start when there is room', async () => {
    const makeRoom = await fill();
    await makeRoom();
    const stuck = await recorded();
    await start();
    expect((await recorded()).pid).not.toBe(stuck.pid);
    await untilStored();
  });
});
