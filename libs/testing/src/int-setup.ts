// vitest's global set-up of the int level: one nats-server, one Postgres and one Kubernetes API server for the run.
import type { TestProject } from 'vitest/node';
import { findProgram } from './programs.ts';
import { startKubeApiServer } from './servers/kube-api-server.ts';
import { startNatsServer } from './servers/nats-server.ts';
import { startPostgres } from './servers/postgres-server.ts';
import { startGuard } from './servers/start-guard.ts';

/** Starts all three at once; returns what ends them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const natsServerProgram = findProgram('nats-server');
  const kubeProgram = findProgram('kube');
  const guard = await startGuard('int');
  try {
    const [nats, postgresUrl, kubeconfigFile] = await Promise.all([
      startNatsServer(guard, natsServerProgram),
      startPostgres(guard),
      startKubeApiServer(guard, kubeProgram),
    ]);
    project.provide('natsServerProgram', natsServerProgram);
    project.provide('natsUrl', nats.url);
    project.provide('postgresUrl', postgresUrl);
    project.provide('kubeconfigFile', kubeconfigFile);
  } catch (error) {
    await guard.stop();
    throw error;
  }
  return guard.stop;
}
