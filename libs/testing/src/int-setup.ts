// vitest's global set-up of the int level: one nats-server, one Postgres and one Kubernetes API server for the run.
import type { TestProject } from 'vitest/node';
import { findProgram } from './programs.ts';
import { startKubeApiServer } from './servers/kube-api-server.ts';
import { startNatsServer } from './servers/nats-server.ts';
import { startPostgres } from './servers/postgres-server.ts';
import { startGuard } from './servers/start-guard.ts';

/** Starts all three at once; returns what ends them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const natsServerProgram = await findProgram('nats-server');
  const kubeProgram = await findProgram('kube');
  // Some specs start these themselves: a build of minutes belongs here, not into a spec's time.
  for (const name of ['registry', 'traefik'] as const) await findProgram(name);
  const guard = await startGuard('int');
  const servers = [
    startNatsServer(guard, natsServerProgram),
    startPostgres(guard),
    startKubeApiServer(guard, kubeProgram),
  ] as const;
  try {
    const [nats, postgresUrl, kubeconfigFile] = await Promise.all(servers);
    project.provide('natsServerProgram', natsServerProgram);
    project.provide('natsUrl', nats.url);
    project.provide('postgresUrl', postgresUrl);
    project.provide('kubeconfigFile', kubeconfigFile);
  } catch (error) {
    // The others are still writing into the folder that is about to go.
    await Promise.allSettled(servers);
    await guard.stop();
    throw error;
  }
  return guard.stop;
}
