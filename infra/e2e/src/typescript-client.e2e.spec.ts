import { eventually } from '@pods/testing';
// The generated TypeScript client as it is on npm, through the edge: every call of a pod's life, and what it throws.
import { Configuration, PodsApi } from '@tapis/tapis-typescript-pods';
import { Response, fetch } from 'undici';
import { beforeAll, expect, inject, test } from 'vitest';
import { edgeDispatcher } from './client/api-client.ts';
import { openPlatform } from './client/platform.ts';

const podId = 'tspod';
const image = 'pods.local/webpage:1';

let pods: PodsApi;
let host = '';
beforeAll(async () => {
  const { api, baseUrl } = await openPlatform();
  host = new URL(baseUrl).hostname;
  const dispatcher = edgeDispatcher(inject('platform').caFile);
  pods = new PodsApi(
    new Configuration({
      basePath: baseUrl,
      headers: { 'X-Tapis-Token': api.token },
      // Not a patch but the client's own setting: which authority is trusted and where names under .localhost are.
      fetchApi: (url: string, init: object) => fetch(url, { ...init, dispatcher }),
    }),
  );
});

/** The HTTP status and message of a call that is refused: the client throws the reply itself. */
async function refusal(call: Promise<unknown>): Promise<{ status: number; body: unknown }> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Response)) throw new Error(`not refused by a reply: ${String(thrown)}`);
  return { status: thrown.status, body: await thrown.json() };
}

async function until(status: string): Promise<Date | undefined> {
  return eventually(
    async () => {
      const { result } = await pods.getPod({ podId });
      if (result.status !== status)
        throw new Error(`${podId} is ${result.status}: ${JSON.stringify(result.status_container)}`);
      // A time or null on the wire; the client makes undefined of null.
      return result.start_instance_ts;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}

test('the TypeScript client creates, reads, lists, updates, restarts, stops, starts and deletes a pod, and reads its logs', async () => {
  const created = await pods.createPod({ newPod: { pod_id: podId, image, description: 'From TypeScript' } });
  expect(created).toMatchObject({ status: 'success', result: { pod_id: podId, status: 'REQUESTED', image } });
  expect(created.result.networking).toMatchObject({ default: { url: `${podId}.pods.${host}`, port: 5000 } });
  expect(created.result.creation_ts).toBeInstanceOf(Date);
  const firstStart = await until('AVAILABLE');
  expect(firstStart).toBeInstanceOf(Date);

  const listed = (await pods.listPods()).result.filter(({ pod_id }) => pod_id === podId);
  expect(listed).toMatchObject([{ status: 'AVAILABLE', description: 'From TypeScript' }]);
  await eventually(async () => {
    const { result } = await pods.getPodLogs({ podId });
    expect(result.logs).toContain('webpage listening on :5000');
    expect(result.action_logs?.join('\n')).toContain("Pod object created by 'ada'");
  });

  const updated = await pods.updatePod({ podId, updatePod: { description: 'Renamed' } });
  expect(updated.result.description).toBe('Renamed');
  expect((await pods.getPod({ podId })).result.description).toBe('Renamed');

  expect((await pods.restartPod({ podId })).result.status_requested).toBe('RESTART');
  await eventually(
    async () => {
      const { result } = await pods.getPod({ podId });
      expect(result).toMatchObject({ status: 'AVAILABLE', status_requested: 'ON' });
      expect(result.start_instance_ts?.getTime()).toBeGreaterThan(firstStart?.getTime() ?? Number.NaN);
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );

  expect((await pods.stopPod({ podId })).result.status_requested).toBe('OFF');
  expect(await until('STOPPED')).toBeUndefined();
  expect((await pods.startPod({ podId })).result).toMatchObject({ status: 'REQUESTED', status_requested: 'ON' });
  await until('AVAILABLE');

  expect(await pods.deletePod({ podId })).toMatchObject({ status: 'success' });
  expect((await pods.listPods()).result.filter(({ pod_id }) => pod_id === podId)).toEqual([]);
  expect(await refusal(pods.getPod({ podId }))).toMatchObject({ status: 404, body: { status: 'error' } });
});

test('the TypeScript client throws the reply of what is refused', async () => {
  const badId = await refusal(pods.createPod({ newPod: { pod_id: 'Not-An-Id', image } }));
  expect(badId).toMatchObject({ status: 400, body: { status: 'error' } });
  const noImage = await refusal(pods.createPod({ newPod: { pod_id: 'noimage' } }));
  expect(noImage).toMatchObject({ status: 400, body: { status: 'error' } });
});
