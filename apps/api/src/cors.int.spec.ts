// Pages of other origins: which may use the API, and what they see of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from './app.ts';
import { buildApi } from './app.ts';
import type { Answer, ApiFixture, CallOptions } from './testing/api-fixture.ts';
import { apiFixture } from './testing/api-fixture.ts';

const origin = 'https://ui.example.org';
let fixture: ApiFixture;
/** With two origins in the settings. */
let api: Api;
beforeAll(async () => {
  fixture = await apiFixture();
  const settings = { ...fixture.deps.settings, corsOrigins: [origin, 'http://localhost:3000'] };
  api = buildApi({ ...fixture.deps, settings });
});
afterAll(() => fixture.stop());

const call = (path: string, options: CallOptions): Promise<Answer> => fixture.call(path, { api, ...options });
const preflight = (from: string, options: CallOptions = {}): Promise<Answer> =>
  call('/v3/pods/docpod', {
    method: 'OPTIONS',
    as: null,
    headers: { Origin: from, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'if-match' },
    ...options,
  });
const corsHeaders = ({ headers }: Answer): readonly string[] =>
  [...headers.keys()].filter((name) => name.startsWith('access-control-'));

describe('a preflight', () => {
  it.each([origin, 'http://localhost:3000'])('of %s is answered without a token', async (from) => {
    const answer = await preflight(from);
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': from,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST, PUT, DELETE',
      'access-control-allow-headers': 'X-Tapis-Token, Content-Type, If-Match, Idempotency-Key, X-Pods-Admin',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
  });

  it.each(['https://evil.test', 'null', 'https://ui.example.org.evil.test', 'http://ui.example.org'])(
    'of %s is none',
    async (from) => {
      const answer = await preflight(from);
      expect(answer.status).toBe(405);
      expect(corsHeaders(answer)).toEqual([]);
      expect(answer.headers.get('vary')).toBe('Origin');
    },
  );

  it('is any request with OPTIONS and Origin that asks for a method, and no other', async () => {
    expect(await preflight(origin, { headers: { Origin: origin } })).toMatchObject({ status: 405 });
  });
});

describe('an answer', () => {
  it.each([
    ['of a read', '/v3/pods', {}, 200],
    ['that refuses the caller', '/v3/pods', { as: null }, 401],
    ['to an unknown path', '/nothing', {}, 404],
    ['to a mistake', '/v3/pods', { method: 'POST', body: {} }, 400],
  ])('%s may be read by the page', async (_what, path, options: CallOptions, status) => {
    const answer = await call(path, { ...options, headers: { Origin: origin } });
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'ETag',
      vary: 'Origin',
      'content-type': 'application/json',
    });
  });

  it.each([{}, { Origin: 'https://evil.test' }])('to %j says nothing to pages', async (headers) => {
    const answer = await call('/v3/pods', { headers });
    expect(answer.status).toBe(200);
    expect(corsHeaders(answer)).toEqual([]);
    expect(answer.headers.get('vary')).toBe('Origin');
  });
});

it('without origins in the settings nothing is said about any', async () => {
  for (const answer of [await preflight(origin, { api: fixture.api }), await call('/v3/pods', { api: fixture.api })]) {
    expect(corsHeaders(answer)).toEqual([]);
    expect(answer.headers.has('vary')).toBe(false);
  }
  expect(await preflight(origin, { api: fixture.api })).toMatchObject({ status: 405 });
});
