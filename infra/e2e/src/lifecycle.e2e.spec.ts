// The main job: ask for a pod, reach it at its URL, read its history, and leave nothing behind.
import { eventually } from '@pods/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectUnbroken, typesOf } from './client/history.ts';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform();
});

const started = ['PodSpawnStarted', 'PodObjectsCreated', 'PodBecameAvailable'];
const tornDown = ['PodTeardownStarted', 'PodLogsArchived', 'PodStopped'];

describe('a pod’s life', () => {
  const podId = 'lifepod';

  test('from create to nothing left', async () => {
    const { api, status, visit, history, cluster, tenant } = platform;
    const created = await api.create({ pod_id: podId, image: 'pods.local/webpage:1', description: 'a life' });
    expect(created).toMatchObject({ status: 'REQUESTED', status_requested: 'ON' });

    const available = await status(podId, 'AVAILABLE');
    expect(available.start_instance_ts).not.toBeNull();
    const page = await eventually(async () => {
      const reply = await visit(available);
      if (reply.status !== 200) throw new Error(`the page answers ${reply.status}`);
      return reply;
    });
    expect(page.text).toContain('this page comes from a pod');
    const logs = await eventually(async () => {
      const found = await api.logs(podId);
      if (!found.logs.includes('GET "/" 200')) throw new Error('the request is not in the logs yet');
      return found;
    });
    expect(logs.logs).toContain('webpage listening on :5000');
    expect(logs.action_logs.join('\n')).toContain("Pod object created by 'ada'");

    expect(await api.act(podId, 'stop')).toMatchObject({ status_requested: 'OFF' });
    const stopped = await status(podId, 'STOPPED');
    expect(stopped).toMatchObject({ start_instance_ts: null, time_to_stop_ts: null, status_container: {} });
    expect((await api.logs(podId)).logs).toContain('GET "/" 200');
    await eventually(async () => {
      const splash = await visit(stopped);
      expect(splash.status).toBe(503);
      expect(splash.text).toContain('Stopped');
    });

    expect(await api.act(podId, 'start')).toMatchObject({ status_requested: 'ON', status: 'REQUESTED' });
    await status(podId, 'AVAILABLE');
    await api.act(podId, 'restart');
    await eventually(
      async () => {
        const types = typesOf(await history.of(tenant, podId));
        expect(types.filter((type) => type === 'PodBecameAvailable')).toHaveLength(3);
      },
      { timeoutMs: 60_000 },
    );

    await api.remove(podId);
    expect((await api.call('GET', `/pods/${podId}`)).status).toBe(404);
    await eventually(
      async () => {
        expect(await cluster.objectsOf(tenant, podId)).toEqual([]);
      },
      { timeoutMs: 60_000 },
    );

    const events = await history.of(tenant, podId);
    expectUnbroken(events);
    expect(typesOf(events)).toEqual([
      'PodCreated',
      ...started,
      'PodStopRequested',
      ...tornDown,
      'PodStartRequested',
      ...started,
      'PodRestartRequested',
      ...tornDown,
      ...started,
      'PodDeleted',
    ]);
  });
});

describe('a visitor', () => {
  test('of an address without a pod gets the not-found page', async () => {
    const { request, edgePort, baseUrl } = platform;
    const host = new URL(baseUrl).hostname;
    const reply = await request(`https://nothing.pods.${host}:${edgePort}/any/path`);
    expect(reply.status).toBe(404);
    expect(reply.text).toContain('There is no service at this address');
  });
});
