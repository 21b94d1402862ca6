// The program on a real API server with RBAC.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '@pods/kube';
import { connect, createKubeClient } from '@pods/kube';
import { freshPrefix } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { runMain, runMainJson } from '../testing/run-main.ts';

let folder: string;
let namespace: string;
const file = (base: string): string => join(folder, base);
const kubernetes = (...more: readonly string[]): readonly string[] => [
  'kubernetes',
  `--kubeconfig=${inject('kubeconfigFile')}`,
  `--namespace=${namespace}`,
  ...more,
];
const clientOf = (kubeconfigFile: string): KubeClient =>
  createKubeClient(connect(kubeconfigFile), { namespace, fieldManager: 'spec' });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provision-kubernetes-'));
  namespace = freshPrefix();
});
afterEach(() => rm(folder, { recursive: true }));

describe('kubernetes', () => {
  it('with --check lists what is missing and makes none of it', async () => {
    const { exitCode, stdout } = await runMain(kubernetes('--check'));
    expect(exitCode).toBe(1);
    expect(stdout.trim().split('\n')).toEqual([
      `Namespace ${namespace}: missing`,
      ...['spawner', 'health'].flatMap((app) =>
        ['ServiceAccount', 'Role', 'RoleBinding'].map((kind) => `${kind} pods-${app}: missing`),
      ),
    ]);
    expect(await clientOf(inject('kubeconfigFile')).get('Namespace', namespace)).toBeUndefined();
  });

  it('makes everything once, and corrects what was changed by hand', async () => {
    expect(await runMain(kubernetes())).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runMainJson(kubernetes('--check'))).toEqual({ exitCode: 0, result: { ok: true, differences: [] } });
    expect(await runMainJson(kubernetes())).toMatchObject({ exitCode: 0, result: { made: [], corrected: [] } });
    const admin = clientOf(inject('kubeconfigFile'));
    const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['*'] }];
    await admin.apply('Role', { metadata: { name: 'pods-health' }, rules });
    const changed = { kind: 'Role', name: 'pods-health' };
    expect(await runMainJson(kubernetes('--check'))).toMatchObject({
      exitCode: 1,
      result: { differences: [{ ...changed, state: 'differs' }] },
    });
    expect(await runMainJson(kubernetes())).toMatchObject({ exitCode: 0, result: { corrected: [changed] } });
    expect((await admin.get('Role', 'pods-health'))?.rules).not.toEqual(rules);
  });

  it('writes a kubeconfig with which the app can work, for its owner only', async () => {
    const { exitCode, stdout } = await runMain(kubernetes('--app-kubeconfigs', file('secrets')));
    expect(exitCode).toBe(0);
    const health = file('secrets/health.kubeconfig');
    expect(stdout).toContain(health);
    expect(stdout).not.toContain('eyJ');
    expect((await stat(health)).mode & 0o777).toBe(0o600);
    expect(await clientOf(health).list('Pod')).toEqual([]);
    await expect(clientOf(health).list('Secret')).rejects.toMatchObject({ code: 'Forbidden' });
    await clientOf(file('secrets/spawner.kubeconfig')).list('Secret');
  });

  it('refuses what is no kubeconfig, and an account without the rights', async () => {
    await writeFile(file('broken'), 'users: [{ token: hush');
    const broken = await runMain(kubernetes('--kubeconfig', file('broken')));
    expect(broken.exitCode).toBe(1);
    expect(broken.stderr).toContain('is no kubeconfig');
    expect(broken.stderr).not.toContain('hush');
    await runMain(kubernetes('--app-kubeconfigs', folder));
    const weak = await runMainJson(kubernetes('--kubeconfig', file('health.kubeconfig')));
    expect(weak).toMatchObject({ exitCode: 1, result: { code: 'kubernetes_not_allowed' } });
  });
});
