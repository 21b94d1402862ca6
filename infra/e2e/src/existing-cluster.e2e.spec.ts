// npm start -- --kubeconfig: a second platform beside the first, with the first one's cluster as if it were foreign.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@pods/testing';
import { parsePlatformInfo } from '@pods/testing/servers';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { ClusterObjects } from './client/cluster-objects.ts';
import { openClusterObjects } from './client/cluster-objects.ts';
import type { Platform } from './client/platform.ts';
import { connectPlatform, openPlatform } from './client/platform.ts';

const program = fileURLToPath(new URL('../../local/src/main.ts', import.meta.url));
const namespace = 'pods-second';
const podId = 'guestpod';

/** Every port another than those of the first platform. */
const listeners =
  'edge edge-ops nats nats-monitor postgres api api-ops spawner-ops health-ops identity identity-ops auth-forward auth-forward-ops';
const ports = listeners.split(' ').flatMap((name, index) => [`--port-${name}`, String(18_100 + index)]);

let folder: string;
let state: string;
let kubeconfig: string;
let objects: ClusterObjects;
let before: Readonly<Record<string, string>>;

const run = (...args: readonly string[]) =>
  execa(process.execPath, [program, ...args, '--state', state], { all: true, reject: false, timeout: 150_000 });

async function succeed(...args: readonly string[]): Promise<string> {
  const { exitCode, all } = await run(...args);
  if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}:\n${all}`);
  return all;
}

const kubeconfigSchema = z.looseObject({ clusters: z.array(z.unknown()), contexts: z.array(z.unknown()) });

/** The first platform's cluster as context `theirs`, and as the current context one where nobody answers. */
async function writeKubeconfig(file: string): Promise<void> {
  const [kubectl = '', ...first] = inject('platform').kubectl;
  const { stdout } = await execa(kubectl, [...first, 'config', 'view', '--raw', '-o', 'json']);
  const theirs = kubeconfigSchema.parse(JSON.parse(stdout));
  const both = {
    ...theirs,
    clusters: [...theirs.clusters, { name: 'nowhere', cluster: { server: 'https://127.0.0.1:18099' } }],
    contexts: [
      { name: 'theirs', context: { cluster: 'local', user: 'admin' } },
      { name: 'elsewhere', context: { cluster: 'nowhere', user: 'admin' } },
    ],
    'current-context': 'elsewhere',
  };
  await writeFile(file, JSON.stringify(both), { mode: 0o600 });
}

const start = ['start', '--detach', '--no-demo', '--namespace', namespace, ...ports] as const;
const chosen = (): readonly string[] => ['--kubeconfig', kubeconfig, '--context', 'theirs'];

async function openSecond(): Promise<Platform> {
  const second = await connectPlatform(parsePlatformInfo(await readFile(join(state, 'platform.json'), 'utf8')));
  onTestFinished(() => second.history.close());
  return second;
}

async function podOf(): Promise<{ readonly uid: string; readonly phase: string }> {
  const [kubectl = '', ...first] = inject('platform').kubectl;
  const { stdout } = await execa(kubectl, [...first, '-n', namespace, 'get', 'pods', '-o', 'json']);
  const schema = z.object({
    items: z.tuple([z.object({ metadata: z.object({ uid: z.string() }), status: z.object({ phase: z.string() }) })]),
  });
  const [{ metadata, status }] = schema.parse(JSON.parse(stdout)).items;
  return { uid: metadata.uid, phase: status.phase };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-guest-'));
  // Postgres runs as another user, who has to get through.
  await chmod(folder, 0o711);
  state = join(folder, 'state');
  kubeconfig = join(folder, 'kubeconfig');
  await writeKubeconfig(kubeconfig);
  objects = openClusterObjects(inject('platform').kubectl);
  // A pod of the first platform, which has to stay as it is. Specs before this one have to be over first.
  const first = await openPlatform();
  await first.api.create({ pod_id: 'hostpod', image: 'pods.local/webpage:1' });
  await first.status('hostpod', 'AVAILABLE');
  const settled = async (): Promise<void> => {
    const ending = await objects.ending();
    if (ending.length > 0) throw new Error(`still being deleted: ${ending.join(', ')}`);
  };
  await eventually(settled, { timeoutMs: 60_000 });
  before = await objects.outside(namespace);
});

afterAll(async () => {
  await run('reset');
  await rm(folder, { recursive: true });
  const { api } = await openPlatform();
  await api.remove('hostpod');
});

describe('an existing cluster', () => {
  test('that does not answer is told before anything is started or remembered', async () => {
    const { exitCode, all } = await run(...start, '--kubeconfig', kubeconfig);
    expect(exitCode).toBe(1);
    expect(all).toContain('The cluster of context elsewhere, at https://127.0.0.1:18099, cannot be asked');
    await expect(readFile(join(state, 'settings.json'))).rejects.toThrow('ENOENT');
  });

  test('is not used in a namespace of another installation', async () => {
    const { exitCode, all } = await run(...start, ...chosen(), '--namespace', 'pods');
    expect(exitCode).toBe(1);
    expect(all).toContain('The namespace pods belongs to another installation of the Pods Service: Pod ');
    expect(await objects.outside(namespace)).toEqual(before);
  });

  test('runs pods whose pages this platform serves, and nothing but one namespace is changed', async () => {
    const started = await succeed(...start, ...chosen());
    expect(started).toContain('existing, context theirs: v');
    const second = await openSecond();
    await second.api.create({ pod_id: podId, image: 'pods.local/webpage:1' });
    const pod = await second.status(podId, 'AVAILABLE');
    await eventually(async () => {
      const page = await second.visit(pod);
      expect(page.status).toBe(200);
      expect(page.text).toContain('this page comes from a pod');
    });
    expect(await objects.inside(namespace)).toContain(`Pod ${namespace}/pods-local-dev-${podId}`);
    const after = await objects.outside(namespace);
    expect(after).toEqual(before);
    expect(Object.keys(after)).toContain('Pod pods/pods-local-dev-hostpod');
    const { parts } = z
      .object({ parts: z.array(z.object({ title: z.string(), health: z.string() })) })
      .parse(JSON.parse(await succeed('status', '--json')));
    expect(parts).toContainEqual({ title: 'Kubernetes (existing, context theirs)', health: 'up' });
    expect(parts.map(({ title }) => title)).not.toContain('kubelet');
  });

  test('keeps the pods while the platform is stopped, and the next start finds them as they were', async () => {
    const running = await podOf();
    expect(running.phase).toBe('Running');
    const ended = await succeed('stop');
    expect(ended).toContain(`pods go on in namespace ${namespace} of the cluster of context theirs`);
    expect(await podOf()).toEqual(running);
    // What was given to the first start is remembered.
    await succeed('start', '--detach', '--no-demo');
    const second = await openSecond();
    const pod = await second.status(podId, 'AVAILABLE');
    await eventually(async () => expect((await second.visit(pod)).status).toBe(200));
    expect(await podOf()).toEqual(running);
  });

  test('stays the cluster of this state folder', async () => {
    const { exitCode, all } = await run(...start, '--namespace', 'elsewhere');
    expect(exitCode).toBe(1);
    expect(all).toContain(`are in namespace ${namespace}, not elsewhere`);
    const other = inject('platform').stateDir;
    const args = [program, 'start', '--detach', ...chosen(), '--state', other];
    const switched = await execa(process.execPath, args, { all: true, reject: false });
    expect(switched.exitCode).toBe(1);
    expect(switched.all).toContain('has a Kubernetes of its own');
  });

  test('holds nothing of this platform after a reset', async () => {
    const said = await succeed('reset');
    expect(said).toContain(`gone from the cluster: namespace ${namespace} with all that was in it`);
    expect(await objects.inside(namespace)).toEqual([]);
    expect(await objects.outside(namespace)).toEqual(before);
  });
});
