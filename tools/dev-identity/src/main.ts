// Starts the process: settings, files, listeners. The only reader of the environment.
import { readFile } from 'node:fs/promises';
import { createMetrics, createReadiness, runApp, serveHttp, startOpsServer, systemClock } from '@pods/service';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { parseIdentityFile } from './directory/identity-file.ts';

runApp({
  name: 'dev-identity',
  level: process.env['LOG_LEVEL'],
  start: async ({ signal, log }) => {
    const config = readConfig(process.env);
    const metrics = createMetrics('dev-identity');
    const readiness = createReadiness(signal);
    const serving = readiness.need('http');
    const ops = await startOpsServer({ ...config.ops, metrics, readiness });
    const settings = { EDGE_PORT: String(config.edgePort), PODS_SITE: config.site };
    const file = parseIdentityFile(await readFile(config.identityFile, 'utf8'), settings);
    const app = await createApp({ file, stateDir: config.stateDir, lifeMs: config.lifeMs, clock: systemClock, log });
    const http = await serveHttp({ ...config.http, fetch: (request, env) => app.fetch(request, env) });
    serving.set(true);
    log.info({ host: http.host, port: http.port, count: file.users.length }, 'serving development identities');
    return {
      stop: async () => {
        await http.close();
        await ops.close();
      },
    };
  },
});
