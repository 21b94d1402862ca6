import { request } from 'node:http';
// What the existing clients need from any server (clients.md section 1), on every route and on what the framework answers.
import { serveHttp } from '@pods/service';
import type { HttpListener } from '@pods/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeTable } from './http/route-table.ts';
import type { Answer, ApiFixture } from './testing/api-fixture.ts';
import { apiFixture } from './testing/api-fixture.ts';

let fixture: ApiFixture;
let listener: HttpListener;
beforeAll(async () => {
  fixture = await apiFixture();
  listener = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    fetch: (incoming, bindings) => fixture.api.fetch(incoming, 'incoming' in bindings ? bindings : {}),
  });
  await fixture.call('/pods', { method: 'POST', body: { pod_id: 'docpod', image: 'pods.local/web:1' } });
});
afterAll(async () => {
  await listener.close();
  await fixture.stop();
});

const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  fixture.call('/v3/pods', { method: 'POST', body, headers });

const isJson = ({ headers, json }: Answer): void => {
  expect(headers.get('content-type')).toBe('application/json');
  expect(json).toHaveProperty('message');
};

describe('the content type is exactly application/json', () => {
  const pages = new Set(['docs_page', 'docs_page_below_pods', 'docs_asset', 'docs_asset_below_pods']);
  const json = routeTable.filter((route) => !pages.has(route.operation));

  it.each(json)('on $method $path, with and without a token', async ({ method, path }) => {
    const asked = path.replace('{pod_id}', 'nopod').replace('{status}', '404').replace('{cluster_id}', 'x');
    for (const as of ['ada', null]) {
      const answer = await fixture.call(asked, { method, as });
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(Object.keys(answer.json)).not.toEqual([]);
    }
  });

  it.each([
    ['an unknown path', '/v3/nothing', { as: null }, 404],
    ['a slash at the end', '/v3/pods/', {}, 404],
    ['a known path with another method', '/v3/pods', { method: 'PATCH' }, 405],
    ['an OPTIONS request', '/v3/pods/docpod', { method: 'OPTIONS', as: null }, 405],
    ['malformed JSON', '/v3/pods', { method: 'POST', body: '{' }, 400],
    ['a bad token', '/v3/pods', { headers: { 'X-Tapis-Token': 'x' }, as: null }, 401],
    ['a family that is not offered', '/v3/pods/templates', {}, 404],
    ['a method of a family that is not offered', '/v3/pods/volumes', { method: 'POST', body: {} }, 404],
    ['an operation that is not offered', '/v3/pods/docpod/exec', { method: 'POST', body: {} }, 404],
    ['jupyter', '/v3/pods/jupyter/ensure', {}, 501],
    ['clusters', '/v3/pods/clusters', { method: 'POST' }, 501],
  ])('for %s', async (_what, path, options, status) => {
    const answer = await fixture.call(path, options);
    isJson(answer);
    expect(answer.status).toBe(status);
  });
});

describe('a body', () => {
  it.each([
    ['malformed JSON', '{"a":', 'body: JSON decode error'],
    ['a list', '[]', 'body: expected a JSON object (got a list)'],
    ['a text', '"x"', 'body: expected a JSON object (got a string of 1 characters)'],
    ['null', 'null', 'body: expected a JSON object (got null)'],
    ['nothing', '', 'body: Field required'],
  ])('that is %s is refused in an array', async (_what, body, text) => {
    const answer = await post(body);
    isJson(answer);
    expect(answer).toMatchObject({ status: 400, json: { message: [expect.stringContaining(text)] } });
  });

  it.each([
    ['a key __proto__', '{"networking":{"__proto__":{"port":80}}}', 'body, networking, __proto__: Value error, no key'],
    ['half a surrogate pair', String.raw`{"command":["\ud800"]}`, 'body, command, 0: Value error, must be well-formed'],
  ])('with %s is refused, and nothing of it is stored', async (_what, body, text) => {
    const events = fixture.log.all().length;
    for (const answer of [await post(body), await fixture.call('/pods/docpod', { method: 'PUT', body })]) {
      expect(answer).toMatchObject({ status: 400, json: { message: [expect.stringContaining(text)] } });
    }
    expect(fixture.log.all()).toHaveLength(events);
  });

  it.each([
    [
      'wrong variables',
      { environment_variables: Object.fromEntries(Array.from({ length: 15_000 }, (_, n) => [`K${n}`, 1])) },
      51,
    ],
    [
      'more values than a pod can have',
      { networking: { default: { ip_allow_list: Array.from({ length: 250_000 }, () => '') } } },
      1,
    ],
  ])('with %s is refused in few lines', async (_what, change, lines) => {
    const answer = await post({ pod_id: 'other', image: 'x', ...change });
    expect(answer.status).toBe(400);
    expect(answer.json['message']).toHaveLength(lines);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'sent as %s is refused, naming the header',
    async (contentType) => {
      const answer = await post({ pod_id: 'x' }, { 'Content-Type': contentType });
      expect(answer.status).toBe(400);
      expect(answer.json['message']).toEqual([expect.stringContaining('Content-Type: application/json')]);
    },
  );

  it.each(['application/json; charset=utf-8', 'Application/JSON'])('sent as %s is taken', async (contentType) => {
    const answer = await post({}, { 'Content-Type': contentType });
    expect(answer.json['message']).toEqual(['body, pod_id: Field required']);
  });

  it('over a megabyte is refused, with a length and without', async () => {
    const large = await post(`{"pod_id":"${'x'.repeat(1024 * 1024)}"}`);
    isJson(large);
    expect(large.status).toBe(413);
    expect(await overTheWire('POST', '/v3/pods', { chunks: 20 })).toMatchObject({ status: 413 });
  });

  it('that is no UTF-8 is refused', async () => {
    expect(await overTheWire('POST', '/v3/pods', { bytes: Buffer.from([0x7b, 0xff, 0x7d]) })).toMatchObject({
      status: 400,
    });
  });
});

describe('a path', () => {
  it.each(['//v3/pods', '/v3//pods', '/v3/pods//docpod', '//pods/docpod//logs', '/pods'])('%s works', async (path) => {
    expect((await fixture.call(path)).status).toBe(200);
    expect((await overTheWire('GET', path)).status).toBe(200);
  });

  it.each([
    '/v3/pods/a%2Fb',
    '/v3/pods/docpod%2Fstop',
    '/v3/pods/%2e%2e',
    '/v3/pods/DOCPOD',
    '/v3/pods/%zz',
    '/v3/pods/docpod%00',
  ])('%s names no pod', async (path) => {
    expect((await overTheWire('GET', path)).status).toBe(404);
  });

  it.each(['/v3/pods/docpod/../docpod', '/v3/pods/%2e%2e/healthcheck', '/v3/pods/x/%2E%2E/docpod', '/v3/./pods'])(
    '%s is not led to another route by its dots',
    async (path) => {
      expect((await overTheWire('GET', path)).status).toBe(404);
    },
  );
});

describe('an id that names a family of routes', () => {
  it.each(['/pods/volumes', '/pods/%76olumes', '/pods/templates/stop', '/pods/secrets/restart'])(
    'is an unknown route for every method: %s',
    async (path) => {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        for (const as of ['ada', null]) {
          expect(await fixture.call(path, { method, as })).toMatchObject({ status: 404 });
        }
      }
    },
  );

  it.each([
    ['/pods/docs', 'GET'],
    ['/pods/clusters', 'GET, POST'],
  ])('and has methods of its own has no others, those of pods least of all: %s', async (path, allow) => {
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      for (const as of ['ada', null]) {
        const answer = await fixture.call(path, { method, as, ...(method === 'PUT' && { body: {} }) });
        expect(answer.status).toBe(405);
        expect(answer.headers.get('allow')).toBe(allow);
      }
  });
});

describe('an error', () => {
  it('is an object with message, metadata, result, status and version', async () => {
    const { json } = await fixture.call('/pods/nopod');
    expect(json).toEqual({
      message: "Pod with identifier pod_id: 'nopod' not found",
      metadata: {},
      result: null,
      status: 'error',
      version: '0.1.0',
    });
  });

  it('about a method says which there are', async () => {
    const answer = await fixture.call('/pods/docpod', { method: 'POST', body: {} });
    expect(answer.headers.get('allow')).toBe('GET, PUT, DELETE');
  });

  it('about a token says what is wrong with it', async () => {
    const expired = await fixture.identity.signToken({ tenant: 'dev', user: 'ada', expiresIn: -5 });
    const answer = await fixture.call('/pods', { as: null, headers: { 'X-Tapis-Token': expired } });
    expect(answer.json['message']).toContain('expired');
    expect(answer.text).not.toContain(expired);
  });
});

describe('a user token', () => {
  it.each(['X-Tapis-Tenant', 'X-Tapis-User'])('with %s is refused', async (header) => {
    expect(await fixture.call('/pods', { headers: { [header]: 'dev' } })).toMatchObject({ status: 403 });
  });

  it('on a host of nobody is refused', async () => {
    expect(await fixture.call('/pods', { headers: { Host: 'evil.test' } })).toMatchObject({ status: 400 });
  });

  it('on an internal host is for its own tenant', async () => {
    expect(await fixture.call('/pods', { tenant: 'lab', headers: { Host: 'localhost:8000' } })).toMatchObject({
      status: 200,
    });
  });
});

describe('the error pages of the proxy', () => {
  it.each(['500', '502', '503', '404', '400', '418'])('come under status %s', async (status) => {
    const answer = await fixture.call(`/error-handler/${status}`, { as: null });
    isJson(answer);
    expect(answer.status).toBe(Number(status));
    expect(answer.json).toMatchObject({ status: 'error', metadata: {} });
  });

  it('leave no line in the log that could raise an alarm', async () => {
    const before = fixture.logged.length;
    for (const status of ['500', '503', '404']) await fixture.call(`/error-handler/${status}`, { as: null });
    expect(fixture.logged.slice(before)).toEqual([]);
  });

  it.each(['200', '999', 'x'])('do not come under %s', async (status) => {
    expect((await fixture.call(`/error-handler/${status}`, { as: null })).status).toBe(404);
  });
});

/** As a client sends it, without a URL parser in between. */
async function overTheWire(
  method: string,
  path: string,
  { chunks = 0, bytes }: { readonly chunks?: number; readonly bytes?: Uint8Array } = {},
): Promise<{ readonly status: number }> {
  const token = await fixture.identity.signToken({ tenant: 'dev', user: 'ada' });
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number }>();
  const outgoing = request({
    host: '127.0.0.1',
    port: listener.port,
    agent: false,
    method,
    path,
    headers: { 'X-Tapis-Token': token, 'Content-Type': 'application/json' },
  });
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    response.resume();
    response.on('end', () => resolve({ status: response.statusCode ?? 0 }));
  });
  if (bytes !== undefined) outgoing.write(bytes);
  for (let index = 0; index < chunks; index += 1) outgoing.write(' '.repeat(65_536));
  outgoing.end();
  return promise;
}
