// Any app may be killed at any instruction: what was asked for happens all the same, once.
import { eventually } from '@pods/testing';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Daemons } from './client/daemons.ts';
import { openDaemons } from './client/daemons.ts';
import { expectUnbroken, typesOf } from './client/history.ts';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';

let platform: Platform;
let daemons: Daemons;
beforeAll(async () => {
  daemons = openDaemons(inject('platform').stateDir);
  platform = await openPlatform();
});

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
    const killed = await daemons.kill(app);
    await daemons.untilReplaced(killed);
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
    const killed = await Promise.all(['spawner', 'health'].map(daemons.kill));
    await Promise.all(killed.map((one) => daemons.untilReplaced(one)));
    await status('killstop', 'STOPPED');
    const events = await history.of(tenant, 'killstop');
    expectUnbroken(events);
    expect(typesOf(events).filter((type) => type === 'PodStopped')).toHaveLength(1);
    expect((await api.logs('killstop')).logs).toContain('webpage listening on :5000');
    await api.remove('killstop');
  });
});
