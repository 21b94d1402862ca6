// What npm start -- --kubeconfig says when a cluster cannot be used, as the real program on a real API server. Nothing is
// started and nothing remembered then.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, freshPrefix } from '@pods/testing';
import { findProgram } from '@pods/testing/servers';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';

const program = fileURLToPath(new URL('../../local/src/main.ts', import.meta.url));
const configSchema = z.looseObject({
  clusters: z.tuple([z.object({ name: z.string(), cluster: z.looseObject({ server: z.string() }) })]),
  users: z.array(z.object({ name: z.string(), user: z.looseObject({}) })),
});
type Config = z.infer<typeof configSchema>;

let folder: string;
let admin: Config;
let server: string;
let kube: string;

const kubectl = async (...args: readonly string[]): Promise<string> => {
  const { stdout } = await execa(kube, ['kubectl', `--kubeconfig=${inject('kubeconfigFile')}`, ...args]);
  return stdout;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-refused-'));
  kube = await findProgram('kube');
  admin = configSchema.parse(JSON.parse(await kubectl('config', 'view', '--raw', '-o', 'json')));
  ({ server } = admin.clusters[0].cluster);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Starts with a kubeconfig, expects a refusal, and gives what was said. */
async function refusalOf(config: object, ...args: readonly string[]): Promise<string> {
  const file = join(folder, 'kubeconfig');
  const state = join(folder, 'state');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const all = [program, 'start', '--detach', '--state', state, '--kubeconfig', file, ...args];
  const { exitCode, stderr } = await execa(process.execPath, all, { reject: false, timeout: 30_000 });
  expect(exitCode).toBe(1);
  expect(await readdir(state)).not.toContain('settings.json');
  expect(await readdir(join(state, 'run'))).toEqual([]);
  expect(await readdir(join(state, 'pki', 'cluster'))).toEqual([]);
  const reset = await execa(process.execPath, [program, 'reset', '--state', state]);
  expect(reset.stdout).toContain('the state is gone');
  return stderr;
}

const withCluster = (changes: Readonly<Record<string, unknown>>): object => {
  const [{ name, cluster }] = admin.clusters;
  return { ...admin, clusters: [{ name, cluster: { ...cluster, ...changes } }] };
};

const withUser = (user: object): object => ({ ...admin, users: admin.users.map(({ name }) => ({ name, user })) });

/** A service account that may do what `rules` say, as a user of a kubeconfig. */
async function accountWith(namespace: string, ...rules: readonly string[]): Promise<object> {
  await kubectl('create', 'serviceaccount', 'guest', '-n', namespace);
  if (rules.length > 0) {
    await kubectl('create', 'role', 'guest', '-n', namespace, ...rules);
    await kubectl(
      'create',
      'rolebinding',
      'guest',
      '-n',
      namespace,
      '--role=guest',
      `--serviceaccount=${namespace}:guest`,
    );
  }
  return withUser({ token: await kubectl('create', 'token', 'guest', '-n', namespace) });
}

describe('a cluster that cannot be used', () => {
  test('because nobody answers there', async () => {
    const port = await freePort();
    const said = await refusalOf(withCluster({ server: `https://127.0.0.1:${port}` }));
    expect(said).toContain(`at https://127.0.0.1:${port}, cannot be asked: connect ECONNREFUSED 127.0.0.1:${port}.\n`);
    expect(said).toContain('Is it running, and can it be reached from this machine?');
  });

  test('because it is not the one that the kubeconfig knows', async () => {
    const said = await refusalOf(withCluster({ 'certificate-authority-data': undefined }));
    expect(said).toContain(`at ${server}, cannot be asked: `);
    expect(said).toContain('see certificate-authority-data and tls-server-name there');
  });

  test('because it does not know the user', async () => {
    const said = await refusalOf(withUser({ token: 'wrong' }));
    expect(said).toContain(`at ${server}, does not let this context's user in: Unauthorized.\n`);
    expect(said).toContain('sign in to the cluster again');
  });

  test('because a program that gives out credentials is not there', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-login', interactiveMode: 'Never' };
    expect(await refusalOf(withUser({ exec }))).toContain('cannot be asked: spawn no-such-login ENOENT.\n');
  });

  test('because the user may not even look at the namespace', async () => {
    const namespace = freshPrefix();
    await kubectl('create', 'namespace', namespace);
    const said = await refusalOf(await accountWith(namespace), '--namespace', namespace);
    expect(said).toContain(`cannot get resource "namespaces" in API group "" in the namespace "${namespace}"`);
    expect(said).toContain('Ask its administrator for that right');
  });

  test('because rights are missing, each of which is named', async () => {
    const namespace = freshPrefix();
    await kubectl('create', 'namespace', namespace);
    const rules = [
      '--verb=get,list,watch,create,patch,delete',
      '--resource=namespaces,pods,services,configmaps,secrets',
    ];
    const said = await refusalOf(await accountWith(namespace, ...rules), '--namespace', namespace);
    expect(said).toContain(`create serviceaccounts in namespace ${namespace}`);
    expect(said).toContain(`delete networkpolicies.networking.k8s.io in namespace ${namespace}`);
    expect(said).not.toContain('pods in namespace');
  });

  test('because its namespace is being deleted', async () => {
    const namespace = freshPrefix();
    await kubectl('create', 'namespace', namespace);
    // There are no controllers here that would end it.
    await kubectl('delete', 'namespace', namespace, '--wait=false');
    const said = await refusalOf(admin, '--namespace', namespace);
    expect(said).toContain(`The namespace ${namespace} is being deleted. Wait until it is gone`);
  });
});
