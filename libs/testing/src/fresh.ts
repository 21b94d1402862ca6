// A part of the shared servers for one spec file alone, so that files never see each other's data.
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { callKube } from './servers/call-kube.ts';
import { ask } from './servers/postgres-server.ts';

/** A name that no other spec file uses: lower-case letters and digits, usable as a prefix of streams and subjects. */
export function freshPrefix(): string {
  return `t${randomBytes(6).toString('hex')}`;
}

/** Creates a database. Returns the URL of its owner, the server's superuser. */
export async function freshDatabase(): Promise<string> {
  const url = new URL(inject('postgresUrl'));
  const name = freshPrefix();
  await ask(url.href, `create database ${name}`);
  url.pathname = `/${name}`;
  return url.href;
}

/** Creates a Kubernetes namespace, with the service account that a cluster's controllers would put there. */
export async function freshNamespace(): Promise<string> {
  const kubeconfig = inject('kubeconfigFile');
  const name = freshPrefix();
  await callKube(kubeconfig, 'POST', '/api/v1/namespaces', { metadata: { name } });
  await callKube(kubeconfig, 'POST', `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
  return name;
}
