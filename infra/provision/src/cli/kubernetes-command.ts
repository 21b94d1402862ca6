// Compares or provisions the cluster, writes the apps' kubeconfigs, and puts errors into words for people.
import { join } from 'node:path';
import { connect, KubeError } from '@pods/kube';
import { createAppKubeconfig } from '../kubernetes/app-kubeconfig.ts';
import { compareKubernetes, provisionKubernetes } from '../kubernetes/provision-kubernetes.ts';
import { kubernetesApps } from '../kubernetes/roles.ts';
import type { KubernetesLine } from './command-line.ts';
import type { Report } from './report.ts';
import { Refusal } from './report.ts';
import { readSecret, writeSecret } from './secret-files.ts';

/** @throws Refusal */
export async function runKubernetes(line: KubernetesLine): Promise<Report> {
  await checkKubeconfig(line.kubeconfigFile);
  try {
    return line.check ? await compare(line) : await provision(line);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    throw new Refusal(codes[error.code] ?? 'kubernetes_refused', `Kubernetes: ${error.message}.`, { cause: error });
  }
}

const codes: Readonly<Partial<Record<KubeError['code'], string>>> = {
  Unavailable: 'kubernetes_unreachable',
  Unauthorized: 'kubernetes_not_let_in',
  Forbidden: 'kubernetes_not_allowed',
};

async function compare(line: KubernetesLine): Promise<Report> {
  const differences = await compareKubernetes(line);
  const settled = differences.length === 0;
  return {
    lines: settled
      ? [`namespace ${line.namespace}: accounts and rights are as wanted`]
      : differences.map(({ kind, name, state }) => `${kind} ${name}: ${state}`),
    json: { differences },
    settled,
  };
}

async function provision(line: KubernetesLine): Promise<Report> {
  const differences = await compareKubernetes(line);
  await provisionKubernetes(line);
  const files = line.appKubeconfigs === undefined ? [] : await writeKubeconfigs(line, line.appKubeconfigs);
  const made = differences.filter(({ state }) => state === 'missing').map(({ kind, name }) => ({ kind, name }));
  const corrected = differences.filter(({ state }) => state === 'differs').map(({ kind, name }) => ({ kind, name }));
  return {
    lines: [
      ...made.map(({ kind, name }) => `${kind} ${name}: made`),
      ...corrected.map(({ kind, name }) => `${kind} ${name}: corrected`),
      `namespace ${line.namespace}: accounts and rights are as wanted`,
      ...files.map((file) => `kubeconfig with a new token: in ${file}`),
    ],
    json: { made, corrected, kubeconfigs: files },
    settled: true,
  };
}

async function writeKubeconfigs(line: KubernetesLine, folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const app of kubernetesApps) {
    const file = join(folder, `${app}.kubeconfig`);
    await writeSecret(file, await createAppKubeconfig({ ...line, app }));
    files.push(file);
  }
  return files;
}

/** What a parser says about a broken kubeconfig may quote it, so it is not passed on. */
async function checkKubeconfig(file: string): Promise<void> {
  await readSecret(file, "an administrator's kubeconfig");
  try {
    connect(file);
  } catch (error) {
    throw new Refusal('kubeconfig_invalid', `${file} is no kubeconfig with a current context.`, { cause: error });
  }
}
