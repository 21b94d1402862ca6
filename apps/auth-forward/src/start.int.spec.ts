// Routes from the log to a real Traefik, with a real backend behind them.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { PodEvent } from '@pods/contracts';
import { aDefinition, aNetworkingEntry, eventsOfStart, podCreated } from '@pods/domain-pods/testing';
import { eventually } from '@pods/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EdgeFixture } from './testing/edge-fixture.ts';
import { edgeFixture } from './testing/edge-fixture.ts';

let backend: Server;
let port = 0;
let edge: EdgeFixture;

beforeAll(async () => {
  backend = createServer((request, reply) => {
    reply.end(
      JSON.stringify({ host: request.headers.host, url: request.url, token: request.headers['x-tapis-token'] }),
    );
  }).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const address = backend.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  edge = await edgeFixture(`http://127.0.0.1:${port}`);
});
afterAll(async () => {
  await edge.stop();
  backend.close();
});

const hostOf = (podId: string): string => `${podId}.pods.dev.pods.test`;

function created(podId: string): PodEvent {
  const networking = { default: { ...aNetworkingEntry, url: hostOf(podId), port } };
  return podCreated({ definition: aDefinition({ networking }) });
}

const started: readonly PodEvent[] = eventsOfStart().map((event) =>
  event.type === 'PodObjectsCreated' ? { ...event, address: '127.0.0.1' } : event,
);

async function untilShown(podId: string, text: string): Promise<void> {
  await eventually(
    async () => {
      const reply = await edge.visit(hostOf(podId));
      if (!reply.text.includes(text)) throw new Error(`${reply.status}: ${reply.text.slice(0, 200)}`);
    },
    { timeoutMs: 10_000 },
  );
}

describe('a pod’s address', () => {
  test('shows pages until the pod runs, then the pod without the visitor’s token, then pages again', async () => {
    await edge.append('life', created('life'));
    await untilShown('life', '<title>Starting</title>');
    await edge.append('life', ...started);
    await untilShown('life', '"url":"/"');
    const reply = await edge.visit(hostOf('life'), '/v3/pods?x=1', { 'X-Tapis-Token': 'secret' });
    expect(JSON.parse(reply.text)).toEqual({ host: hostOf('life'), url: '/v3/pods?x=1' });
    await edge.append('life', { type: 'PodStopRequested' });
    await edge.append('life', { type: 'PodTeardownStarted', incarnation: 1, run: 1, purpose: 'stop' });
    await untilShown('life', '<title>Shutting down</title>');
    await edge.append('life', { type: 'PodDeleted', incarnation: 1, lastRun: 1 });
    await untilShown('life', '<title>Not found</title>');
  });

  test('goes on while this app is away, and catches up when it is back', async () => {
    await edge.append('away', created('away'), ...started);
    await untilShown('away', '"url":"/"');
    await edge.stopEdge();
    await edge.append('away', { type: 'PodDeleted', incarnation: 1, lastRun: 1 });
    expect((await edge.visit(hostOf('away'))).status).toBe(200);
    await edge.startEdge();
    await untilShown('away', '<title>Not found</title>');
  });

  test('goes on while NATS is away, and follows again after it', async () => {
    await edge.append('storm', created('storm'), ...started);
    await untilShown('storm', '"url":"/"');
    await edge.server.kill('SIGKILL');
    expect((await edge.visit(hostOf('storm'))).status).toBe(200);
    await edge.server.restart();
    await edge.append('storm', { type: 'PodDeleted', incarnation: 1, lastRun: 1 });
    await untilShown('storm', '<title>Not found</title>');
  });
});

describe('a tenant’s address', () => {
  test('leads to the API, and nowhere else', async () => {
    const reply = await edge.visit('dev.pods.test', '/v3/pods/docpod');
    expect(JSON.parse(reply.text)).toMatchObject({ url: '/v3/pods/docpod' });
    for (const path of ['/v3/openapi.json', '/openapi.json', '/v3/docs', '/v3/healthcheck']) {
      expect(JSON.parse((await edge.visit('dev.pods.test', path)).text)).toMatchObject({ url: path });
    }
    expect((await edge.visit('dev.pods.test', '/traefik-config')).status).toBe(404);
    expect((await edge.visit('other.pods.test', '/v3/pods')).status).toBe(404);
  });

  test('answers programs in the API’s way while nobody is behind it', async () => {
    const reply = await edge.visit('dev.pods.test', '/v3/oauth2/tokens');
    expect(reply).toMatchObject({ status: 503, contentType: 'application/json' });
    expect(JSON.parse(reply.text)).toMatchObject({ status: 'error', result: null });
  });
});
