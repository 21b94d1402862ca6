// What each app's account may and may not do, on a real API server with RBAC.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '@pods/kube';
import { connect, createKubeClient, createMetadataInformer } from '@pods/kube';
import { freshPrefix } from '@pods/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createAppKubeconfig } from './app-kubeconfig.ts';
import { provisionKubernetes } from './provision-kubernetes.ts';
import type { KubernetesApp } from './roles.ts';

describe('provisionKubernetes', () => {
  let folder: string;
  let namespace: string;
  let admin: KubeClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provision-'));
    namespace = freshPrefix();
    admin = createKubeClient(connect(inject('kubeconfigFile')), { namespace, fieldManager: 'spec' });
    await provisionKubernetes({ kubeconfigFile: inject('kubeconfigFile'), namespace });
    await admin.create('ServiceAccount', { metadata: { name: 'default' } });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function kubeconfigOf(app: KubernetesApp): Promise<string> {
    const file = join(folder, app);
    await writeFile(file, await createAppKubeconfig({ kubeconfigFile: inject('kubeconfigFile'), namespace, app }), {
      mode: 0o600,
    });
    return file;
  }

  async function clientOf(app: KubernetesApp, where = namespace): Promise<KubeClient> {
    return createKubeClient(connect(await kubeconfigOf(app)), { namespace: where, fieldManager: app });
  }

  it('changes nothing the second time', async () => {
    const before = await admin.get('Role', 'pods-spawner');
    await provisionKubernetes({ kubeconfigFile: inject('kubeconfigFile'), namespace });
    expect((await admin.get('Role', 'pods-spawner'))?.metadata?.resourceVersion).toBe(
      before?.metadata?.resourceVersion,
    );
  });

  it('lets spawner make and remove its objects', async () => {
    const spawner = await clientOf('spawner');
    for (const kind of ['ConfigMap', 'Secret'] as const) {
      const { metadata } = await spawner.create(kind, { metadata: { name: 'a' } });
      expect(await spawner.delete(kind, 'a', { uid: metadata?.uid ?? '' })).toBe('deleting');
    }
    const pod = await spawner.create('Pod', {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    expect(await spawner.delete('Pod', 'a', { uid: pod.metadata?.uid ?? '' })).toBe('deleting');
    await spawner.create('Service', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } });
    await spawner.apply('Service', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }], selector: { a: 'b' } } });
    await spawner.create('NetworkPolicy', { metadata: { name: 'a' }, spec: { podSelector: {} } });
    const secrets = createMetadataInformer('Secret', { connection: connect(await kubeconfigOf('spawner')), namespace });
    await secrets.whenCaughtUp();
    await secrets.stop();
  });

  it('does not let spawner change a Pod, read a Secret by name, see other namespaces, or give itself rights', async () => {
    const spawner = await clientOf('spawner');
    await admin.create('Pod', { metadata: { name: 'b' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    const forbidden = { code: 'Forbidden' };
    await expect(spawner.apply('Pod', { metadata: { name: 'b', labels: { a: 'b' } } })).rejects.toMatchObject(
      forbidden,
    );
    await expect(spawner.get('Secret', 'b')).rejects.toMatchObject(forbidden);
    await expect((await clientOf('spawner', 'default')).list('Pod')).rejects.toMatchObject(forbidden);
    await expect(
      spawner.create('RoleBinding', {
        metadata: { name: 'x' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'pods-spawner' },
      }),
    ).rejects.toMatchObject(forbidden);
  });

  it('lets health look and nothing else', async () => {
    const health = await clientOf('health');
    await health.list('Pod');
    await health.list('Event');
    const forbidden = { code: 'Forbidden' };
    await expect(health.list('Secret')).rejects.toMatchObject(forbidden);
    await expect(health.create('ConfigMap', { metadata: { name: 'h' } })).rejects.toMatchObject(forbidden);
    const pod = await admin.create('Pod', {
      metadata: { name: 'h' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    await expect(health.delete('Pod', 'h', { uid: pod.metadata?.uid ?? '' })).rejects.toMatchObject(forbidden);
  });

  it('says that the account is missing when nothing was provisioned', async () => {
    const request = { kubeconfigFile: inject('kubeconfigFile'), namespace: 'default', app: 'health' } as const;
    await expect(createAppKubeconfig(request)).rejects.toMatchObject({ code: 'NotFound' });
  });
});
