// Any app may be killed at any instruction: what was asked for happens all the same, once.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@pods/testing';
import { execa } from 'execa';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { expectUnbroken, typesOf } from './client/history.ts';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';

const processesSchema = z.looseObject({ processes: z.array(z.object({ name: z.string(), pid: z.int() })) });
const program = fileURLToPath(new URL('../../local/src/main.ts', import.meta.url));

let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform();
});

/** Ends an app as a crash would, by the id that the platform recorded. */
async function kill(app: string): Promise<void> {
  const text = await readFile(join(inject('platform').stateDir, 'platform.json'), 'utf8');
  const { processes } = processesSchema.parse(JSON.parse(text));
  const found = processes.find((process) => process.name === app);
  if (found === undefined) throw new Error(`the platform has no process ${app}`);
  process.kill(found.pid, 'SIGKILL');
}

/** Starts again what is not running. */
async function startAgain(): Promise<void> {
  const { stateDir } = inject('platform');
  await execa(process.execPath, [program, 'start', '--detach', '--no-demo', '--state', stateDir], { timeout: 90_000 });
}

async function untilSeen(podId: string, type: string): Promise<void> {
  await eventually(
    async () => {
      expect(typesOf(await platform.history.of(platform.tenant, podId))).toContain(type);
    },
    { timeoutMs: 30_000, intervalMs: 2 },
  );
}

describe('killed in the middle of a start', () => {
  test.each([
    ['spawner', 'PodSpawnStarted'],
    ['health', 'PodObjectsCreated'],
    ['api', 'PodCreated'],
    ['auth-forward', 'PodSpawnStarted'],
  ])('%s, after %s: the pod runs once and is reached', async (app, step) => {
    const { api, status, visit, history, cluster, tenant } = platform;
    const podId = `kill${app.replace('-', '')}`;
    await api.create({ pod_id: podId, image: 'pods.local/webpage:1' });
    await untilSeen(podId, step);
    await kill(app);
    await startAgain();
    const pod = await status(podId, 'AVAILABLE');
    await eventually(
      async () => {
        expect((await visit(pod)).status).toBe(200);
      },
      { timeoutMs: 20_000 },
    );
    expect((await cluster.objectsOf(tenant, podId)).filter((object) => object.kind === 'Pod')).toHaveLength(1);
    const events = await history.of(tenant, podId);
    expectUnbroken(events);
    expect(typesOf(events).toSorted()).toEqual(
      ['PodCreated', 'PodSpawnStarted', 'PodObjectsCreated', 'PodBecameAvailable'].toSorted(),
    );
    await api.remove(podId);
  });
});

describe('killed in the middle of a stop', () => {
  test('spawner and health: the pod stops once, and its output is kept', async () => {
    const { api, status, history, tenant } = platform;
    await api.create({ pod_id: 'killstop', image: 'pods.local/webpage:1' });
    await status('killstop', 'AVAILABLE');
    await api.act('killstop', 'stop');
    await untilSeen('killstop', 'PodTeardownStarted');
    await Promise.all([kill('spawner'), kill('health')]);
    await startAgain();
    await status('killstop', 'STOPPED');
    const events = await history.of(tenant, 'killstop');
    expectUnbroken(events);
    expect(typesOf(events).filter((type) => type === 'PodStopped')).toHaveLength(1);
    expect((await api.logs('killstop')).logs).toContain('webpage listening on :5000');
    await api.remove('killstop');
  });
});
