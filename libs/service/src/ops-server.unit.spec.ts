import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HttpListener } from './http-server.ts';
import { createMetrics } from './metrics.ts';
import { startOpsServer } from './ops-server.ts';
import { createReadiness, type Need } from './readiness.ts';

let ops: HttpListener;
let nats: Need;

beforeEach(async () => {
  const readiness = createReadiness();
  nats = readiness.need('nats');
  ops = await startOpsServer({ host: '127.0.0.1', port: 0, metrics: createMetrics('spec'), readiness });
});
afterEach(async () => {
  await ops.close();
});

async function get(path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${ops.port}${path}`);
}

it('is alive while it is not ready', async () => {
  expect((await get('/livez')).status).toBe(200);
});

it('answers /readyz with 503 and the reasons until every need holds', async () => {
  const before = await get('/readyz');
  expect([before.status, await before.json()]).toEqual([503, { ready: false, reasons: { nats: 'starting' } }]);
  nats.set(true);
  const after = await get('/readyz');
  expect([after.status, await after.json()]).toEqual([200, { ready: true, reasons: {} }]);
});

it('serves metrics in the format of Prometheus, readiness among them', async () => {
  nats.set(true);
  const response = await get('/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain; version=');
  expect(await response.text()).toContain('pods_ready{app="spec"} 1');
});

it('knows no other path', async () => {
  expect((await get('/')).status).toBe(404);
});
