// What people do faster than a cluster can follow: each ends in the state that was asked for last.
import { eventually } from '@pods/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectUnbroken, typesOf } from './client/history.ts';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';

const image = 'pods.local/webpage:1';
let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform();
});

async function expectGone(podId: string): Promise<void> {
  await platform.api.remove(podId);
  await eventually(
    async () => {
      expect(await platform.cluster.objectsOf(platform.tenant, podId)).toEqual([]);
    },
    { timeoutMs: 60_000 },
  );
  expectUnbroken(await platform.history.of(platform.tenant, podId));
}

async function newest(podId: string): Promise<string | undefined> {
  return typesOf(await platform.history.of(platform.tenant, podId)).at(-1);
}

describe('deleted and created again at once', () => {
  test('runs as asked the second time, with nothing of the first', async () => {
    const { api, status, history, cluster, tenant } = platform;
    await api.create({ pod_id: 'phoenix', image, environment_variables: { GENERATION: 'first' } });
    await status('phoenix', 'AVAILABLE');
    await api.remove('phoenix');
    const second = await api.create({ pod_id: 'phoenix', image, description: 'second' });
    expect(second).toMatchObject({ description: 'second', status: 'REQUESTED', environment_variables: {} });
    await status('phoenix', 'AVAILABLE');

    const objects = await cluster.objectsOf(tenant, 'phoenix');
    expect(new Set(objects.map((object) => object.metadata.labels['pods.local/incarnation']))).toEqual(new Set(['2']));
    expect(objects.filter((object) => object.kind === 'Pod')).toHaveLength(1);
    expect((await api.logs('phoenix')).action_logs.filter((line) => line.includes('Pod object created'))).toHaveLength(
      1,
    );
    expectUnbroken(await history.of(tenant, 'phoenix'));
    await expectGone('phoenix');
  });
});

describe('a stop between two steps of a start', () => {
  test.each(['PodCreated', 'PodSpawnStarted', 'PodObjectsCreated', 'PodBecameAvailable'])(
    'after %s ends in STOPPED, and a start works again',
    async (step) => {
      const { api, status, cluster, tenant } = platform;
      const podId = `stop${step.slice(3).toLowerCase()}`;
      await api.create({ pod_id: podId, image });
      if (step !== 'PodCreated') {
        await eventually(
          async () => {
            expect(typesOf(await platform.history.of(tenant, podId))).toContain(step);
          },
          { timeoutMs: 30_000, intervalMs: 2 },
        );
      }
      await api.act(podId, 'stop');
      await status(podId, 'STOPPED');
      await eventually(
        async () => {
          expect(await cluster.objectsOf(tenant, podId)).toEqual([]);
        },
        { timeoutMs: 30_000 },
      );
      await api.act(podId, 'start');
      await status(podId, 'AVAILABLE');
      await expectGone(podId);
    },
  );
});

describe('two restarts in a row with an update between', () => {
  test('end in one run with the new definition', async () => {
    const { api, status, visit } = platform;
    await api.create({ pod_id: 'twice', image });
    await status('twice', 'AVAILABLE');
    await api.act('twice', 'restart');
    await api.update('twice', {
      networking: { default: { protocol: 'http', port: 5001 } },
      environment_variables: { PORT: '5001' },
    });
    await api.act('twice', 'restart');
    await eventually(
      async () => {
        const pod = await api.get('twice');
        expect(pod).toMatchObject({ status: 'AVAILABLE', status_requested: 'ON' });
        expect((await visit(pod)).status).toBe(200);
        expect(await newest('twice')).toBe('PodBecameAvailable');
      },
      { timeoutMs: 90_000 },
    );
    await expectGone('twice');
  });
});

describe('a Pod object that somebody deletes', () => {
  test('is a loss, and the pod runs again', async () => {
    const { api, status, history, cluster, tenant } = platform;
    await api.create({ pod_id: 'lostpod', image });
    await status('lostpod', 'AVAILABLE');
    await cluster.deletePodObject(tenant, 'lostpod');
    await eventually(
      async () => {
        const types = typesOf(await history.of(tenant, 'lostpod'));
        expect(types.filter((type) => type === 'PodLost')).toHaveLength(1);
        expect(types.at(-1)).toBe('PodBecameAvailable');
      },
      { timeoutMs: 60_000 },
    );
    expect(typesOf(await history.of(tenant, 'lostpod'))).not.toContain('PodErrored');
    await expectGone('lostpod');
  });
});
