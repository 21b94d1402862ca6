// A real Kubernetes API server on a real etcd, without nodes, controllers or a scheduler: objects are stored, validated,
// watched and authorised as in any cluster, but nothing acts on them (no garbage collection, no pod ever runs).
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { callKube } from './call-kube.ts';
import { freePort } from './free-port.ts';
import type { Guard } from './start-guard.ts';

const adminToken = 'admin-of-the-specs';

/** Starts both. Returns the path of an administrator's kubeconfig. */
export async function startKubeApiServer(guard: Guard, program: string): Promise<string> {
  const etcdUrl = await startEtcd(guard, program);
  const folder = join(guard.folder, 'kube-apiserver');
  await mkdir(folder);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const file = (name: string): string => join(folder, name);
  await writeFile(file('service-account.pub'), publicKey);
  await writeFile(file('service-account.key'), privateKey, { mode: 0o600 });
  await writeFile(file('tokens.csv'), `${adminToken},admin,admin,system:masters\n`, { mode: 0o600 });
  const port = await freePort();
  const running = await guard.start({
    name: 'kube-apiserver',
    command: program,
    args: [
      'apiserver',
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      // It makes its own certificate there.
      `--cert-dir=${folder}`,
      `--token-auth-file=${file('tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${file('service-account.pub')}`,
      `--service-account-signing-key-file=${file('service-account.key')}`,
      '--service-cluster-ip-range=198.19.0.0/16',
      '--endpoint-reconciler-type=none',
      '--profiling=false',
    ],
  });
  const kubeconfig = file('kubeconfig');
  await eventually(
    async () => {
      await running.assertRunning();
      await writeFile(kubeconfig, kubeconfigFor(port, await readFile(file('apiserver.crt'))), { mode: 0o600 });
      await callKube(kubeconfig, 'GET', '/readyz');
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
  return kubeconfig;
}

async function startEtcd(guard: Guard, program: string): Promise<string> {
  const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const config = join(guard.folder, 'etcd.json');
  // The keys of etcd's own configuration file; JSON is YAML.
  const settings = {
    name: 'main',
    'data-dir': join(guard.folder, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `main=${peer}`,
    'log-level': 'warn',
    // Nanoseconds. Without it the embedded server takes every request for a slow one and logs it.
    'warning-unary-request-duration': 1_000_000_000,
    'unsafe-no-fsync': true,
  };
  await writeFile(config, JSON.stringify(settings));
  const running = await guard.start({ name: 'etcd', command: program, args: ['etcd', '--config-file', config] });
  await eventually(async () => {
    await running.assertRunning();
    const answer = await fetch(`${client}/health`, { signal: AbortSignal.timeout(1_000) });
    if (!answer.ok) throw new Error(`etcd answers ${answer.status}`);
  });
  return client;
}

/** JSON is YAML: every Kubernetes client reads it. */
function kubeconfigFor(port: number, certificate: Buffer): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': certificate.toString('base64'),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'specs', cluster }],
    users: [{ name: 'admin', user: { token: adminToken } }],
    contexts: [{ name: 'specs', context: { cluster: 'specs', user: 'admin' } }],
    'current-context': 'specs',
  });
}
