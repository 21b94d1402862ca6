// The pages and the document over HTTP.
import { eventsOfStart, foldLive, podCreated } from '@pods/domain-pods/testing';
import { describe, expect, test } from 'vitest';
import { buildApp } from './app.ts';
import { createHostIndex } from './pages/page-for-host.ts';

const host = 'docpod.pods.dev.example.org';

function appWith(document?: string) {
  const hosts = createHostIndex();
  return { hosts, app: buildApp({ document: () => document, hosts }) };
}

const visit = (forwardedHost: string) => ({ headers: { host: '127.0.0.1:8002', 'x-forwarded-host': forwardedHost } });

describe('/traefik-config', () => {
  test('is 503 until there is a document, so that Traefik keeps what it has', async () => {
    const { app } = appWith();
    expect((await app.request('/traefik-config')).status).toBe(503);
  });
  test('is the document', async () => {
    const reply = await appWith('{"http":{}}').app.request('/traefik-config');
    expect(await reply.text()).toBe('{"http":{}}');
    expect(reply.headers.get('content-type')).toBe('application/json');
  });
});

describe('/pod-splash', () => {
  test.each([
    [[], 'Starting', '5'],
    [eventsOfStart().slice(0, 1), 'Starting', '5'],
    [[{ type: 'PodStopRequested' } as const], 'Stopped', null],
  ] as const)('says how it stands and whether waiting helps', async (events, title, retryAfter) => {
    const { app, hosts } = appWith();
    hosts.update('dev.docpod', foldLive([podCreated(), ...events]));
    const reply = await app.request('/pod-splash', visit(`${host}:8443`));
    expect(reply.status).toBe(503);
    expect(await reply.text()).toContain(`<title>${title}</title>`);
    expect(reply.headers.get('retry-after')).toBe(retryAfter);
    expect(reply.headers.get('cache-control')).toContain('no-store');
  });
  test('tells nothing of the pod', async () => {
    const { app, hosts } = appWith();
    hosts.update('dev.docpod', foldLive([podCreated()]));
    const reply = await app.request('/pod-splash', visit(host));
    expect(await reply.text()).not.toMatch(/docpod|webpage|ada/);
  });
  test('of a host that leads nowhere, or no longer, is 404', async () => {
    const { app, hosts } = appWith();
    hosts.update('dev.docpod', foldLive([podCreated()]));
    hosts.update('dev.docpod', undefined);
    for (const asked of [host, '<script>', '']) {
      expect((await app.request('/pod-splash', visit(asked))).status).toBe(404);
    }
  });
});

test('/away is an error of the API’s shape, for programs', async () => {
  const reply = await appWith().app.request('/away');
  expect(reply.status).toBe(503);
  expect(reply.headers.get('content-type')).toBe('application/json');
  expect(reply.headers.get('retry-after')).toBe('2');
  const text = await reply.text();
  expect(JSON.parse(text)).toMatchObject({ status: 'error', result: null, metadata: {} });
  expect(text).toMatch(/"message":"[^"]*cannot be reached/);
});

test('every other path and method is the not-found page', async () => {
  const { app } = appWith();
  expect((await app.request('/pod-not-found', { method: 'POST' })).status).toBe(404);
  expect((await app.request('/anything')).status).toBe(404);
});
