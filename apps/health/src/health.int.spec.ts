// The whole app on a real nats-server and a real API server; a spec plays kubelet, api and spawner.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { inboxPrefix, requestChunks } from '@pods/service';
import { createLogger } from '@pods/service';
import { eventually } from '@pods/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openArchiveStore } from './logs/archive-store.ts';
import { start } from './start.ts';
import type { SpecPlatform } from './testing/platform.ts';
import { specPlatform } from './testing/platform.ts';

const spawned = ['PodCreated', 'PodSpawnStarted', 'PodObjectsCreated'];

async function withPod(timeToStop?: number): Promise<SpecPlatform> {
  const platform = await specPlatform();
  await platform.create('docpod', timeToStop);
  await platform.spawn('docpod');
  return platform;
}

async function statusOf({ nc, names }: SpecPlatform): Promise<unknown> {
  const kv = await new Kvm(jetstream(nc)).open(names.buckets.podContainer);
  const entry = await kv.get('dev.docpod.observed');
  return entry?.operation === 'PUT' ? entry.json() : undefined;
}

/** What a kubelet tells of a pull that failed. */
async function failedPull(
  platform: SpecPlatform,
  times: { readonly count: number; readonly firstTimestamp: string },
): Promise<void> {
  const { namespace } = platform.kube;
  const { name, uid } = await platform.podOf('docpod');
  await platform.kube.create('Event', {
    metadata: { name: `${name}.pull`, namespace },
    involvedObject: { kind: 'Pod', namespace, name, uid },
    source: { component: 'kubelet' },
    type: 'Warning',
    reason: 'Failed',
    message: 'Failed to pull image "pods.local/there-is-none:1": no such host',
    ...times,
  });
}

async function metric(opsPort: number, name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${opsPort}/metrics`);
  const [, value] = new RegExp(`^pods_${name}{.*} (\\d+)$`, 'm').exec(await answer.text()) ?? [];
  return Number(value);
}

describe('facts', () => {
  test('follow the cluster from start to end', async () => {
    const platform = await withPod();
    await platform.startHealth();
    await platform.show('docpod', 'container-creating');
    await platform.show('docpod', 'running');
    const [available] = (await platform.untilHistory('docpod', [...spawned, 'PodBecameAvailable'])).slice(-1);
    expect(available?.body).toMatchObject({ incarnation: 1, run: 1, startedAt: '2026-11-25T02:16:56.000Z' });
    expect(available?.actor).toBe('pods:health');
    await platform.show('docpod', 'exit-three');
    const events = await platform.untilHistory('docpod', [
      ...spawned,
      'PodBecameAvailable',
      'PodErrored',
      'PodLogsArchived',
    ]);
    expect(events.at(4)?.body).toMatchObject({ reason: 'Error', exitCode: 3, neverRan: false });
  });

  test('that came about while no process ran are recorded at the next start', async () => {
    const platform = await withPod();
    const first = await platform.startHealth();
    await platform.show('docpod', 'running');
    await platform.untilHistory('docpod', [...spawned, 'PodBecameAvailable']);
    await first.stop();
    await platform.show('docpod', 'out-of-memory');
    await platform.startHealth();
    const events = await platform.untilHistory('docpod', [
      ...spawned,
      'PodBecameAvailable',
      'PodErrored',
      'PodLogsArchived',
    ]);
    expect(events.at(4)?.body).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  test('are recorded once by two processes', async () => {
    const platform = await withPod();
    await Promise.all([platform.startHealth(), platform.startHealth()]);
    await platform.show('docpod', 'running');
    await platform.show('docpod', 'exit-zero');
    const types = [...spawned, 'PodBecameAvailable', 'PodCompleted', 'PodLogsArchived'];
    await platform.untilHistory('docpod', types);
    await platform.stop('docpod');
    expect(await platform.untilHistory('docpod', [...types, 'PodStopRequested'])).toHaveLength(types.length + 1);
  });

  test('a pull that fails as often as is allowed is given up', async () => {
    const platform = await withPod();
    await platform.startHealth({ PULL_ATTEMPTS: '2' });
    await platform.show('docpod', 'image-pull-failed');
    await eventually(async () => {
      expect(JSON.stringify(await statusOf(platform))).toContain('attempt 1 of 2');
    });
    await platform.show('docpod', 'image-pull-waits');
    await platform.show('docpod', 'image-pull-failed');
    const events = await platform.untilHistory('docpod', [...spawned, 'PodErrored', 'PodLogsArchived']);
    expect(events.at(3)?.body).toMatchObject({ reason: 'ErrImagePull', neverRan: true });
    expect(events.at(4)?.body).toMatchObject({ object: null, sizeBytes: 0 });
  });

  test.each([
    ['as often as is allowed', { count: 3, firstTimestamp: '2999-01-01T00:00:00Z' }],
    ['for as long as is allowed', { count: 1, firstTimestamp: '2026-11-25T02:00:00Z' }],
  ])(
    'a pull that had failed %s before health was started again is given up at once',
    async (_, { count, firstTimestamp }) => {
      const platform = await withPod();
      await failedPull(platform, { count, firstTimestamp });
      await platform.show('docpod', 'image-pull-waits');
      await platform.startHealth();
      const events = await platform.untilHistory('docpod', [...spawned, 'PodErrored', 'PodLogsArchived']);
      expect(events.at(3)?.body).toMatchObject({ reason: 'ErrImagePull', neverRan: true });
    },
  );

  test('a Pod of another installation says nothing about ours', async () => {
    const platform = await withPod();
    await platform.startHealth({ PODS_INSTALLATION_ID: 'another' });
    const ours = await platform.startHealth();
    await platform.show('docpod', 'running');
    await platform.untilHistory('docpod', [...spawned, 'PodBecameAvailable']);
    expect(await metric(ours.opsPort, 'health_facts_total')).toBe(1);
  });

  test('a Pod that vanished is no end; what was held of it is archived when its run is over', async () => {
    const platform = await withPod();
    await platform.startHealth();
    await platform.show('docpod', 'running');
    const types = [...spawned, 'PodBecameAvailable'];
    await platform.untilHistory('docpod', types);
    await platform.removePod('docpod');
    await platform.stop('docpod');
    await platform.teardown('docpod');
    const after = ['PodStopRequested', 'PodTeardownStarted', 'PodLogsArchived'];
    const events = await platform.untilHistory('docpod', [...types, ...after]);
    expect(events.at(-1)?.body).toMatchObject({ run: 1, object: null });
  });
});

test('time-to-stop ends the pod, and the event names the field', async () => {
  const platform = await withPod(1);
  await platform.startHealth();
  await platform.show('docpod', 'running');
  const events = await platform.untilHistory('docpod', [...spawned, 'PodBecameAvailable', 'PodTimeToStopReached']);
  expect(events.at(-1)?.body).toMatchObject({
    deadline: '2026-11-25T02:16:57.000Z',
    field: 'time_to_stop_default',
    seconds: 1,
  });
});

describe('the status of the container', () => {
  test('follows the Pod, and goes with the pod', async () => {
    const platform = await withPod();
    await platform.startHealth();
    await platform.show('docpod', 'running-not-ready');
    await eventually(async () => {
      expect(await statusOf(platform)).toMatchObject({
        incarnation: 1,
        run: 1,
        phase: 'Running',
        message: 'running, not ready',
        ready: false,
      });
    });
    await platform.show('docpod', 'running');
    await eventually(async () => {
      expect(await statusOf(platform)).toMatchObject({ message: 'running', ready: true });
    });
    await platform.delete('docpod');
    await eventually(async () => {
      expect(await statusOf(platform)).toBeUndefined();
    });
  });
});

test('what holds a container up is told with the cluster’s newest warning about its Pod', async () => {
  const platform = await withPod();
  const { namespace } = platform.kube;
  const pod = await platform.podOf('docpod');
  const warn = async (name: string, uid: string, message: string, lastTimestamp: string): Promise<void> => {
    const metadata = { name, namespace };
    const involvedObject = { kind: 'Pod', namespace, name: pod.name, uid };
    const source = { component: 'kubelet' };
    const about = { metadata, involvedObject, source, lastTimestamp };
    await platform.kube.create('Event', { ...about, type: 'Warning', reason: 'FailedMount', message });
  };
  await warn('newest', pod.uid, 'secret "nope" not found', '2026-11-25T02:20:00Z');
  await warn('older', pod.uid, 'timed out', '2026-11-25T02:19:00Z');
  await warn('of-another', 'another-uid', 'disk is gone', '2026-11-25T02:21:00Z');
  await platform.show('docpod', 'volume-missing');
  await platform.startHealth({ WARN_AFTER: '100ms' });
  await eventually(async () => {
    expect(await statusOf(platform)).toMatchObject({
      message: 'initialising (ContainerCreating); the cluster warns of FailedMount: secret "nope" not found',
    });
  });
  await platform.show('docpod', 'running');
  await eventually(async () => {
    expect(await statusOf(platform)).toMatchObject({ message: 'running' });
  });
});

describe('output', () => {
  const ask = (platform: SpecPlatform, run: number) =>
    requestChunks(
      platform.nc,
      platform.names.subjects.containerLogs,
      { tenant: 'dev', podId: 'docpod', incarnation: 1, run },
      { inbox: inboxPrefix('spec'), timeoutMs: 5000, deadlineMs: 5000 },
    );

  test('of a followed container is answered, of any other run refused', async () => {
    const platform = await withPod();
    const health = await platform.startHealth();
    await platform.show('docpod', 'running');
    await platform.untilHistory('docpod', [...spawned, 'PodBecameAvailable']);
    await eventually(async () => (await metric(health.opsPort, 'health_followed_containers')) === 1);
    expect(await ask(platform, 1)).toMatchObject({ ok: true });
    expect(await ask(platform, 2)).toMatchObject({ ok: false, refusal: { code: 'not_following', retryable: false } });
  });

  test('of pods that do not exist is swept from the archive', async () => {
    const platform = await specPlatform();
    const store = await openArchiveStore(platform.nc, platform.names.buckets.podLogs);
    await store.store('dev.gone.1.1', [Uint8Array.of(65)]);
    await platform.startHealth({ LOG_SWEEP_AGE: '0s' });
    await eventually(async () => {
      expect(await store.list()).toEqual([]);
    });
  });
});

test('a teardown does not wait for a kubelet that is away', async () => {
  const platform = await withPod();
  await platform.startHealth({ LOG_ARCHIVE_HURRY: '100ms' });
  await platform.show('docpod', 'running');
  await platform.untilHistory('docpod', [...spawned, 'PodBecameAvailable']);
  await platform.stop('docpod');
  await platform.teardown('docpod');
  const events = await platform.untilHistory('docpod', [
    ...spawned,
    'PodBecameAvailable',
    'PodStopRequested',
    'PodTeardownStarted',
    'PodLogsArchived',
  ]);
  const [begun, archived] = events.slice(-2).map(({ at }) => Date.parse(at));
  expect((archived ?? Infinity) - (begun ?? 0)).toBeLessThan(3000);
});

test('is ready when history and cluster are known, and not before', async () => {
  const platform = await specPlatform();
  const opsPort = await freePort();
  const ready = async () => (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).status;
  const ending = new AbortController();
  const nowhere = platform.config({ OPS_PORT: String(opsPort), NATS_URL: `nats://127.0.0.1:${await freePort()}` });
  const log = createLogger({ app: 'health', level: 'silent' });
  const starting = start(nowhere, { signal: ending.signal, log });
  await eventually(async () => (await ready()) === 503);
  ending.abort(new Error('enough'));
  await expect(starting).rejects.toThrow('enough');
  const health = await platform.startHealth();
  const answer = await fetch(`http://127.0.0.1:${health.opsPort}/readyz`);
  expect(await answer.json()).toEqual({ ready: true, reasons: {} });
});

test('a start that waits for a cluster that is away ends at once when it is told to, and leaves nothing open', async () => {
  const platform = await specPlatform();
  const opsPort = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'health-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const kubeconfigFile = join(folder, 'kubeconfig');
  const kubeconfig = await readFile(platform.config().KUBECONFIG_FILE, 'utf8');
  const away = `https://127.0.0.1:${await freePort()}`;
  await writeFile(kubeconfigFile, kubeconfig.replaceAll(/https:\/\/[^\s"]+/g, away));
  const config = platform.config({ OPS_PORT: String(opsPort), KUBECONFIG_FILE: kubeconfigFile });
  const ready = () => fetch(`http://127.0.0.1:${opsPort}/readyz`);
  const ending = new AbortController();
  const log = createLogger({ app: 'health', level: 'silent' });
  const starting = start(config, { signal: ending.signal, log });
  await eventually(async () => {
    expect(await (await ready()).text()).toContain('waiting for NATS, the log and the cluster');
  });
  ending.abort(new Error('enough'));
  await expect(starting).rejects.toThrow('enough');
  await expect(ready()).rejects.toThrow('fetch failed');
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
