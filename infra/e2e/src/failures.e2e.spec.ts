// What goes wrong in real containers, and what its owner can read about it: in `status_container` and in the action log.
import { eventually } from '@pods/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeCpuMillis } from './client/node-size.ts';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';

const image = 'pods.local/webpage:1';
let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform();
});

/** The newest line of the action log. */
async function lastAction(podId: string): Promise<string> {
  const { action_logs: lines } = await platform.api.logs(podId);
  return lines.at(-1) ?? '';
}

/** Creates a pod whose program ends, or fills memory, when it is asked to; resolves when it answers. */
async function createTestPod(podId: string, resources = {}): Promise<(path: string) => Promise<unknown>> {
  const { api, status, visit } = platform;
  await api.create({ pod_id: podId, image, environment_variables: { ALLOW_EXIT: '1' }, resources });
  const pod = await status(podId, 'AVAILABLE');
  await eventually(async () => {
    expect((await visit(pod, '/healthz')).status).toBe(200);
  });
  return (path) => visit(pod, path);
}

describe('a container that cannot be started', () => {
  test.each([
    [
      'failimage',
      'whose image does not exist',
      { image: 'pods.local/nosuchimage:1' },
      "the image 'pods.local/nosuchimage:1' could not be pulled: not found",
    ],
    [
      'failcommand',
      'whose command is not in the image',
      { image, command: ['/no/such/program'] },
      'the container could not be started: exec: "/no/such/program": stat /no/such/program: no such file or directory',
    ],
  ] as const)('%s: one %s ends in ERROR with that cause', async (podId, _, definition, cause) => {
    const { api, status } = platform;
    await api.create({ pod_id: podId, ...definition });
    const failed = await status(podId, 'ERROR', 170_000);
    expect(failed.status_container['message']).toContain(cause);
    expect(await lastAction(podId)).toContain(`set status to ERROR: `);
    expect(await lastAction(podId)).toContain(cause);
    await api.remove(podId);
  });

  test('for want of a node that is large enough waits, and its owner reads what it asks for and what is short', async () => {
    const { api, status } = platform;
    // The API takes no more than 6 CPUs a pod; a larger node is filled by several.
    const ids = Array.from({ length: Math.floor((await nodeCpuMillis()) / 6000) + 1 }, (_, n) => `toolarge${n}`);
    const resources = { cpu_request: 6000, cpu_limit: 6000, mem_request: 256, mem_limit: 256 };
    for (const podId of ids) await api.create({ pod_id: podId, image, resources });
    await eventually(
      async () => {
        const pods = await Promise.all(ids.map((podId) => api.get(podId)));
        const waiting = pods.find((pod) => String(pod.status_container['message']).includes('Insufficient cpu'));
        expect(waiting).toMatchObject({
          status: 'SPAWNING',
          status_container: {
            phase: 'Pending',
            message:
              "waits for a place in queue 'default' (Unschedulable): 0/1 nodes are available: 1 Insufficient cpu; the pod asks for cpu 6, memory 256Mi",
          },
        });
      },
      { timeoutMs: 30_000 },
    );
    const last = ids.at(-1) ?? '';
    await api.act(last, 'stop');
    await status(last, 'STOPPED');
    for (const podId of ids) await api.remove(podId);
  });
});

describe('a program that ends', () => {
  test('by needing more memory than its limit shows ERROR, and the limit', async () => {
    const { api, status } = platform;
    const ask = await createTestPod('outofmemory', { mem_limit: 300 });
    const answered = ask('/allocate?mib=600');
    const pod = await status('outofmemory', 'ERROR');
    const cause = 'OOMKilled: out of memory: the container needed more than its memory limit of 300Mi and was killed';
    expect(pod.status_container).toMatchObject({ phase: 'Failed' });
    expect(pod.status_container['message']).toContain(cause);
    expect(await lastAction('outofmemory')).toContain(`set status to ERROR: ${cause} (exit=137)`);
    await answered.catch(() => undefined);
    await api.remove('outofmemory');
  });

  test.each([
    {
      podId: 'exitthree',
      code: 3,
      shown: { status: 'ERROR', phase: 'Failed', message: 'Error: the program ended with exit code 3' },
      action: 'set status to ERROR: Error: the program ended with exit code 3 (exit=3)',
    },
    {
      podId: 'exitzero',
      code: 0,
      shown: { status: 'COMPLETE', phase: 'Succeeded', message: 'Completed: the program ended with exit code 0' },
      action: 'set status to COMPLETE',
    },
  ])(
    '$podId: with exit code $code shows $shown.status, and what it wrote stays readable',
    async ({ podId, code, shown, action }) => {
      const { api, status } = platform;
      const ask = await createTestPod(podId);
      await ask(`/exit?code=${code}`);
      const pod = await status(podId, shown.status);
      expect(pod.status_container['phase']).toBe(shown.phase);
      expect(pod.status_container['message']).toContain(shown.message);
      expect(await lastAction(podId)).toContain(action);
      await eventually(async () => {
        expect((await api.logs(podId)).logs).toContain(`ending with code ${code} because it was asked for`);
      });
      await api.remove(podId);
    },
  );
});
