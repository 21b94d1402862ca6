// The listener for whoever runs the platform: /livez, /readyz, /metrics. Not for users, not behind the edge.
import { Hono } from 'hono';
import { serveHttp, type HttpListener } from './http-server.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

export interface OpsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
}

/** /livez says that the process runs its event loop; /readyz is 503 with the reasons as JSON until the app may get work. */
export async function startOpsServer(options: OpsServerOptions): Promise<HttpListener> {
  const { metrics, readiness } = options;
  const ready = metrics.gauge('ready', '1 while the app may be sent work, else 0');
  const app = new Hono();
  app.get('/livez', (c) => c.json({ live: true }));
  app.get('/readyz', (c) => {
    const state = readiness.state();
    return c.json(state, state.ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    ready.set(readiness.state().ready ? 1 : 0);
    return c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType });
  });
  return serveHttp({ fetch: (request, env) => app.fetch(request, env), host: options.host, port: options.port });
}
