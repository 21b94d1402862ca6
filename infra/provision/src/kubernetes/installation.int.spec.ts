// How an installation uses a cluster that is somebody else's, on a real API server with RBAC and without controllers: what
// is being deleted stays so, and Pods that no node has are gone at once.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '@pods/kube';
import { connect, createKubeClient, kubeconfigWithToken, runLabels } from '@pods/kube';
import { freshPrefix } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createAppKubeconfig } from './app-kubeconfig.ts';
import { readNamespaceState } from './namespace-state.ts';
import { provisionKubernetes } from './provision-kubernetes.ts';
import { removeFromKubernetes } from './remove-from-kubernetes.ts';
import { findMissingRights } from './rights.ts';

let namespace: string;
let kube: KubeClient;

beforeEach(() => {
  namespace = freshPrefix();
  kube = createKubeClient(connect(inject('kubeconfigFile')), { namespace, fieldManager: 'spec' });
});

const installation = (id: string) => ({ kubeconfigFile: inject('kubeconfigFile'), namespace, installation: id });

async function podOf(id: string, podId: string): Promise<void> {
  const run = { installation: id, site: 's', tenant: 't', podId, incarnation: 1, run: 1 };
  await kube.create('Pod', {
    metadata: { name: podId, labels: runLabels(run) },
    spec: { serviceAccountName: 'default', containers: [{ name: 'c', image: 'i' }] },
  });
}

async function names(): Promise<readonly string[]> {
  const lists = await Promise.all(
    (['Pod', 'ServiceAccount', 'Role', 'RoleBinding'] as const).map(async (kind) =>
      (await kube.list(kind)).map(({ metadata }) => `${kind} ${metadata?.name ?? ''}`),
    ),
  );
  return lists.flat().toSorted();
}

describe('a namespace that an installation made', () => {
  it('is known as its own, and as somebody else’s to another one', async () => {
    expect(await readNamespaceState(kube, 'one')).toEqual({ owner: 'missing', foreign: [] });
    await provisionKubernetes(installation('one'));
    await provisionKubernetes(installation('one'));
    expect(await readNamespaceState(kube, 'one')).toEqual({ owner: 'ours', foreign: [] });
    const { owner, foreign } = await readNamespaceState(kube, 'two');
    expect(owner).toBe('shared');
    expect(foreign).toEqual(
      expect.arrayContaining([`Namespace ${namespace} (made by one)`, 'ServiceAccount pods-spawner']),
    );
  });

  it('is deleted as a whole, and that may be repeated until it is gone', async () => {
    await provisionKubernetes(installation('one'));
    const expected = { left: [`Namespace ${namespace}`], namespace: 'deleted' };
    expect(await removeFromKubernetes(installation('one'))).toEqual(expected);
    expect(await removeFromKubernetes(installation('one'))).toEqual(expected);
    expect(await readNamespaceState(kube, 'one')).toEqual({ owner: 'ending', foreign: [] });
  });
});

describe('a namespace that was there', () => {
  beforeEach(async () => {
    await kube.create('Namespace', { metadata: { name: namespace, labels: { team: 'x' } } });
    await kube.create('ServiceAccount', { metadata: { name: 'default' } });
  });

  it('stays as it was, whatever is made and removed in it', async () => {
    await kube.create('Role', { metadata: { name: 'theirs', labels: { 'app.kubernetes.io/part-of': 'theirs' } } });
    const before = await kube.get('Namespace', namespace);
    const there = await names();
    await provisionKubernetes(installation('one'));
    await podOf('one', 'a');
    expect(await readNamespaceState(kube, 'one')).toEqual({ owner: 'shared', foreign: [] });
    await removeFromKubernetes(installation('one'));
    expect(await removeFromKubernetes(installation('one'))).toEqual({ left: [], namespace: 'kept' });
    expect(await names()).toEqual(there);
    expect(await kube.get('Namespace', namespace)).toEqual(before);
  });

  it('is not taken when a pod or an account of another installation is in it', async () => {
    await podOf('two', 'b');
    expect((await readNamespaceState(kube, 'one')).foreign).toEqual(['Pod b']);
    await provisionKubernetes({ kubeconfigFile: inject('kubeconfigFile'), namespace });
    expect((await readNamespaceState(kube, 'one')).foreign).toContain('ServiceAccount pods-health');
    // What is others' stays.
    await removeFromKubernetes(installation('one'));
    expect(await names()).toContain('Pod b');
  });
});

describe('rights', () => {
  it('that are missing are named, and an administrator misses none', async () => {
    await provisionKubernetes(installation('one'));
    const folder = await mkdtemp(join(tmpdir(), 'rights-'));
    try {
      const file = join(folder, 'health');
      await writeFile(file, await createAppKubeconfig({ ...installation('one'), app: 'health' }), { mode: 0o600 });
      const signal = AbortSignal.timeout(10_000);
      const ask = (kubeconfigFile: string) =>
        findMissingRights({ connection: connect(kubeconfigFile), namespace, namespaceIsMissing: true, signal });
      expect(await ask(inject('kubeconfigFile'))).toEqual([]);
      const missing = await ask(file);
      expect(missing).toContain('create namespaces');
      expect(missing).toContain(`create serviceaccounts/token in namespace ${namespace}`);
      expect(missing).toContain(`patch rolebindings.rbac.authorization.k8s.io in namespace ${namespace}`);
      expect(missing).not.toContain(`watch pods in namespace ${namespace}`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('are asked of the API server, which lets nobody in with a wrong token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rights-'));
    try {
      const file = join(folder, 'wrong');
      const user = { name: 'nobody', token: 'wrong', namespace };
      await writeFile(file, kubeconfigWithToken(inject('kubeconfigFile'), user), { mode: 0o600 });
      const signal = AbortSignal.timeout(10_000);
      const question = { connection: connect(file), namespace, namespaceIsMissing: true, signal };
      await expect(findMissingRights(question)).rejects.toMatchObject({ code: 'Unauthorized' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

afterEach(async () => {
  await removeFromKubernetes(installation('one'));
});
