// vitest's global set-up of the int level: one nats-server, one Postgres and one Kubernetes API server for the run.
import { env } from 'node:process';
import type { TestProject } from 'vitest/node';
import { findProgram } from './programs.ts';
import { chooseServerSource } from './server-sources.ts';
import { startKubeApiServer } from './servers/kube-api-server.ts';
import { startGuard } from './servers/start-guard.ts';

/** Starts all three at once; returns what ends them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const kubeProgram = await findProgram('kube');
  // Some specs start these themselves: a build of minutes belongs here, not into a spec's time.
  for (const name of ['registry', 'traefik'] as const) await findProgram(name);
  const guard = await startGuard('int');
  const starting: Promise<unknown>[] = [];
  const start = <T>(server: Promise<T>): Promise<T> => {
    starting.push(server);
    return server;
  };
  try {
    const source = await chooseServerSource(guard, env);
    const [natsUrl, postgresUrl, kubeconfigFile] = await Promise.all([
      start(source.startNats()),
      start(source.startPostgres()),
      start(startKubeApiServer(guard, kubeProgram)),
    ]);
    project.provide('natsSource', source.nats);
    project.provide('natsUrl', natsUrl);
    project.provide('postgresUrl', postgresUrl);
    project.provide('kubeconfigFile', kubeconfigFile);
  } catch (error) {
    // The others are still writing into the folder that is about to go.
    await Promise.allSettled(starting);
    await guard.stop();
    throw error;
  }
  return guard.stop;
}
