// Servers that the apps need are halted, killed and restarted: pods go on, what cannot be done now is said with when to
// ask again, and everything goes on by itself afterwards.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPodEventCopy, openDatabase } from '@pods/read-store';
import { eventually } from '@pods/testing';
import { execa } from 'execa';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import type { Reply } from './client/api-client.ts';
import type { Daemons } from './client/daemons.ts';
import { openDaemons } from './client/daemons.ts';
import { expectUnbroken, typesOf } from './client/history.ts';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';
import { halt, processesOf, signalAll, treesOf } from './faults/processes.ts';

const program = fileURLToPath(new URL('../../local/src/main.ts', import.meta.url));
const image = 'pods.local/webpage:1';
const apps = ['api', 'spawner', 'health', 'auth-forward'];

let platform: Platform;
let daemons: Daemons;
beforeAll(async () => {
  platform = await openPlatform();
  daemons = openDaemons(inject('platform').stateDir);
  await platform.api.create({ pod_id: 'faultpod', image });
  await expectServed('faultpod');
});

/** AVAILABLE, and its page is served. */
async function expectServed(podId: string): Promise<void> {
  const pod = await platform.status(podId, 'AVAILABLE', 120_000);
  await eventually(async () => expect((await platform.visit(pod)).status).toBe(200), { timeoutMs: 30_000 });
}

/** Pods can be seen and reached, now. */
async function expectReads(): Promise<void> {
  const { api, visit } = platform;
  expect((await api.call('GET', '/pods')).status).toBe(200);
  const pod = await api.get('faultpod');
  expect((await visit(pod)).status).toBe(200);
}

async function typesOfPod(podId: string): Promise<readonly string[]> {
  const history = await platform.history.of(platform.tenant, podId);
  expectUnbroken(history);
  return typesOf(history);
}

const pidsOfApps = (): Promise<readonly number[]> => Promise.all(apps.map(daemons.pidOf));

async function remove(...podIds: readonly string[]): Promise<void> {
  for (const podId of podIds) await platform.api.remove(podId);
}

/** Looks again and again for so long: what must hold all the time while something is away. */
async function throughout(ms: number, look: () => Promise<void>): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) await look();
}

/** A create that can be asked again with the same key. */
function creating(podId: string): () => Promise<Reply> {
  return () => platform.api.call('POST', '/pods', { pod_id: podId, image }, { 'Idempotency-Key': `key-${podId}` });
}

function expectLater(reply: Reply): void {
  expect(reply).toMatchObject({ status: 503 });
  expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
}

describe('nats-server', () => {
  test('halted for half a minute: writes are refused in time, reads go on; then everything goes on by itself', async () => {
    const before = await pidsOfApps();
    const goOn = await halt(await daemons.pidOf('nats'));
    const writes = [
      creating('faultnats'),
      () => platform.api.call('PUT', '/pods/faultpod', { description: 'changed' }, { 'Idempotency-Key': 'key-change' }),
    ];
    await throughout(30_000, async () => {
      for (const write of writes) {
        const askedAt = performance.now();
        expectLater(await write());
        expect(performance.now() - askedAt).toBeLessThan(8000);
      }
      await expectReads();
    });
    goOn();
    for (const write of writes) {
      await eventually(async () => expect((await write()).status).toBe(200), { timeoutMs: 30_000, intervalMs: 200 });
    }
    await expectServed('faultnats');
    expect((await typesOfPod('faultnats')).filter((type) => type === 'PodCreated')).toHaveLength(1);
    expect((await typesOfPod('faultpod')).filter((type) => type === 'PodUpdated')).toHaveLength(1);
    expect(await pidsOfApps()).toEqual(before);
    await remove('faultnats');
  });

  test('killed: a write is done or refused, reads go on, and it is done when asked again', async () => {
    const before = await pidsOfApps();
    const create = creating('faultkill');
    const killed = await daemons.kill('nats');
    const reply = await create();
    if (reply.status !== 200) expectLater(reply);
    await expectReads();
    await daemons.untilReplaced(killed);
    await eventually(async () => expect((await create()).status).toBe(200), { timeoutMs: 30_000, intervalMs: 100 });
    await expectServed('faultkill');
    expect((await typesOfPod('faultkill')).filter((type) => type === 'PodCreated')).toHaveLength(1);
    expect(await pidsOfApps()).toEqual(before);
    await remove('faultkill');
  });
});

describe('Postgres', () => {
  test('halted and killed: pods are made, stopped and deleted all the same, and the copy of the log catches up', async () => {
    const { api, status, history, tenant } = platform;
    const goOn = await halt(await daemons.pidOf('postgres'));
    await api.create({ pod_id: 'faultsql', image });
    await expectServed('faultsql');
    const killed = await daemons.kill('api');
    await daemons.untilReplaced(killed);
    await eventually(expectReads, { timeoutMs: 30_000, intervalMs: 100 });
    await api.act('faultsql', 'stop');
    await status('faultsql', 'STOPPED');
    goOn();
    await daemons.untilReplaced(await daemons.kill('postgres'));
    await remove('faultsql');
    const events = await history.of(tenant, 'faultsql');
    const db = openDatabase({ url: (await readFile(inject('platform').databaseUrlFile, 'utf8')).trim() });
    try {
      const copy = createPodEventCopy(db);
      await eventually(
        async () => {
          const rows = await copy.eventsOf({ tenant, podId: 'faultsql' });
          expect(rows.map((row) => [row.version, row.eventId])).toEqual(
            events.map((event) => [event.version, event.eventId]),
          );
        },
        { timeoutMs: 60_000, intervalMs: 200 },
      );
    } finally {
      await db.destroy();
    }
  });
});

describe('the API server', () => {
  test('halted for 40 s: no pod is taken for lost, and what was asked and what happened meanwhile follows', async () => {
    const { api, status, visit } = platform;
    await api.create({ pod_id: 'faultstop', image });
    await api.create({ pod_id: 'faultexit', image, environment_variables: { ALLOW_EXIT: '1' } });
    await Promise.all(['faultstop', 'faultexit'].map(expectServed));
    const goOn = await halt(await daemons.pidOf('apiserver'));
    await api.create({ pod_id: 'faultlate', image });
    await api.act('faultstop', 'stop');
    await visit(await api.get('faultexit'), '/exit?code=3');
    await throughout(40_000, expectReads);
    goOn();
    await expectServed('faultlate');
    await status('faultstop', 'STOPPED', 120_000);
    const failed = await status('faultexit', 'ERROR', 120_000);
    expect(JSON.stringify(failed.status_container)).toMatch(/exit code 3|exit=3/);
    for (const podId of ['faultpod', 'faultstop', 'faultexit', 'faultlate']) {
      const types = await typesOfPod(podId);
      expect(types).not.toContain('PodLost');
      expect(types.filter((type) => type === 'PodErrored')).toHaveLength(podId === 'faultexit' ? 1 : 0);
    }
    await remove('faultstop', 'faultexit', 'faultlate');
  });
});

describe('the whole platform', () => {
  const start = async (): Promise<void> => {
    await execa(process.execPath, [program, 'start', '--detach', '--no-demo', '--state', inject('platform').stateDir]);
  };

  beforeAll(async () => {
    await platform.api.create({ pod_id: 'faultrest', image, status_requested: 'OFF' });
    await platform.api.create({ pod_id: 'faultmate', image });
    await expectServed('faultmate');
  });

  /** Those that were on run again, once; the one that was off is off. */
  async function expectBack(losses: number): Promise<void> {
    for (const podId of ['faultpod', 'faultmate']) {
      await eventually(
        async () => {
          const types = await typesOfPod(podId);
          expect(types.filter((type) => type === 'PodLost')).toHaveLength(losses);
          expect(types).not.toContain('PodErrored');
          expect(types.at(-1)).toBe('PodBecameAvailable');
        },
        { timeoutMs: 120_000, intervalMs: 200 },
      );
      await expectServed(podId);
    }
    expect((await platform.api.logs('faultpod')).action_logs.join('\n')).toMatch(/machine|restart/i);
    expect(await platform.api.get('faultrest')).toMatchObject({ status: 'STOPPED' });
    expect(await typesOfPod('faultrest')).not.toContain('PodSpawnStarted');
  }

  test('stopped and started: pods that were on come back, those that were off do not', async () => {
    await execa(process.execPath, [program, 'stop', '--state', inject('platform').stateDir]);
    await start();
    await expectBack(1);
  });

  test('everything killed at once, containers too, as by a power cut: the same', async () => {
    const { stateDir } = inject('platform');
    const marker = z.object({ installationId: z.string() });
    const { installationId } = marker.parse(JSON.parse(await readFile(join(stateDir, 'installation.json'), 'utf8')));
    signalAll(await treesOf(await processesOf(installationId)), 'SIGKILL');
    await start();
    await expectBack(2);
    await remove('faultpod', 'faultmate', 'faultrest');
  });
});
