// The app as main.ts starts it: settings in, passes and the listener for operators out.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createLogger } from '@pods/service';
import { eventually } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readConfig } from './config.ts';
import { start } from './start.ts';
import type { Bench } from './testing/bench.ts';
import { openBench } from './testing/bench.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(async () => {
  await bench.close();
});

function settings(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PODS_SITE: 'local',
    PODS_INSTALLATION_ID: bench.installation,
    PODS_PREFIX: bench.names.prefix,
    OPS_PORT: '0',
    NATS_URL: inject('natsUrl'),
    KUBECONFIG_FILE: bench.kubeconfigFile,
    KUBE_NAMESPACE: bench.namespace,
    ...changes,
  };
}

describe('the app', () => {
  it('is ready once it knows log and cluster, starts pods, counts what it does, and stops cleanly', async () => {
    await bench.create('before');
    const stopping = new AbortController();
    const context = { log: createLogger({ app: 'spawner', level: 'silent' }), signal: stopping.signal };
    const app = await start(readConfig(settings()), context);
    const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${app.opsPort}${path}`);
    await eventually(async () => (await ask('/readyz')).status === 200);
    expect((await ask('/livez')).status).toBe(200);
    await bench.create('after');
    for (const podId of ['before', 'after']) {
      await eventually(async () => expect(await bench.types(podId)).toContain('PodObjectsCreated'));
    }
    expect(await (await ask('/metrics')).text()).toMatch(
      /pods_spawner_actions_total\{action="create",object="pod",app="spawner"\} 2/,
    );
    stopping.abort();
    await app.stop();
    await expect(ask('/livez')).rejects.toThrow('fetch failed');
    await bench.create('late');
    expect(await bench.objects('late')).toEqual([]);
  });

  it('is not ready, and does nothing, while the cluster does not let it look', async () => {
    const stopping = new AbortController();
    const context = { log: createLogger({ app: 'spawner', level: 'silent' }), signal: stopping.signal };
    await bench.create('docpod');
    // Its account has no rights there.
    const port = await freePort();
    const starting = start(readConfig(settings({ KUBE_NAMESPACE: 'default', OPS_PORT: String(port) })), context);
    await eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      expect(await answer.json()).toEqual({
        ready: false,
        reasons: { cluster: 'the cluster is still being listed', log: 'starting' },
      });
    });
    expect(await bench.types('docpod')).toEqual(['PodCreated']);
    stopping.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
  });

  it('does nothing beside another log than the pods were made from, says so, and goes on when that log is said to be right', async () => {
    await bench.create('docpod');
    await whileRunning(async () => {
      await eventually(async () => expect(await bench.types('docpod')).toContain('PodObjectsCreated'));
    });
    const before = await bench.everything();
    const { lastSeq } = await bench.log.usage();
    // Another stream that knows the same pod and run, and says that it is over.
    await bench.putBack(lastSeq);
    await bench.command('docpod', 'DeletePod');
    const types = await bench.types('docpod');
    const port = await freePort();
    const stopping = new AbortController();
    const context = { log: createLogger({ app: 'spawner', level: 'silent' }), signal: stopping.signal };
    const starting = start(readConfig(settings({ OPS_PORT: String(port) })), context);
    await eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      expect(await answer.text()).toMatch(/"reasons":\{"log":".*Is NATS_URL right\?/);
    });
    stopping.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
    expect(await bench.everything()).toEqual(before);
    expect(await bench.types('docpod')).toEqual(types);

    const note = (await bench.kube.list('ConfigMap')).find(({ metadata }) => metadata?.name?.startsWith('pods-log-'));
    await bench.kube.delete('ConfigMap', note?.metadata?.name ?? '', { uid: note?.metadata?.uid ?? '' });
    await whileRunning(async () => {
      await eventually(async () => expect(await bench.objects('docpod')).toEqual([]));
    });
  });
});

async function whileRunning(work: () => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const context = { log: createLogger({ app: 'spawner', level: 'silent' }), signal: stopping.signal };
  const app = await start(readConfig(settings()), context);
  await work();
  stopping.abort();
  await app.stop();
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
