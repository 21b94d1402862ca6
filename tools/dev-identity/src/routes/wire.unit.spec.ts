// What holds for every answer, and the small endpoints: tenants, sites, users, roles, discovery.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, devHost, labHost, replyOf, send, tokenOf, type TestApp } from '../testing/test-app.ts';

let test: TestApp;
let ada = '';
beforeAll(async () => {
  test = await createTestApp();
  ada = await tokenOf(test.app, 'ada');
});
afterAll(async () => {
  await test.remove();
});

const get = async (path: string, token?: string, host = devHost): Promise<Response> =>
  await send(test.app, path, { host, headers: token === undefined ? {} : { 'x-tapis-token': token } });

describe('every JSON answer', () => {
  it.each([
    '/v3/tenants',
    '/v3/tenants/nowhere',
    '/v3/sites',
    '/v3/sites/local',
    '/v3/oauth2/hello',
    '/v3/oauth2/ready',
    '/v3/oauth2/jwks',
    '/v3/oauth2/.well-known/oauth-authorization-server',
    '/v3/oauth2/userinfo',
    '/v3/oauth2/profiles',
    '/v3/oauth2/clients',
    '/v3/security/user/roles/ada',
    '/v3/nothing',
  ])('has exactly the content type application/json: %s', async (path) => {
    expect((await get(path)).headers.get('content-type')).toBe('application/json');
    expect((await get(path, ada)).headers.get('content-type')).toBe('application/json');
  });

  it('has the envelope also when a framework makes it', async () => {
    expect(await (await get('/v3/nothing')).json()).toEqual({
      message: 'There is no such endpoint.',
      metadata: {},
      result: null,
      status: 'error',
      version: 'dev-1',
    });
  });
});

describe('addresses', () => {
  it('work with doubled slashes, as clients send them whose base URL ends with one', async () => {
    expect((await get('//v3/tenants')).status).toBe(200);
    const json = { grant_type: 'password', username: 'ada', password: 'ada-dev' };
    expect((await send(test.app, '//v3/oauth2//tokens', { json })).status).toBe(200);
  });
});

describe('tenants and sites', () => {
  it('are lists, without a token, with what clients need', async () => {
    const tenants = await replyOf(await get('/v3/tenants'));
    expect(tenants.result).toEqual([
      expect.objectContaining({ tenant_id: 'dev', base_url: `https://${devHost}`, site_id: 'local' }),
      expect.objectContaining({ tenant_id: 'lab', base_url: `https://${labHost}`, site_id: 'local' }),
    ]);
    const sites = await replyOf(await get('/v3/sites'));
    expect(sites.result).toEqual([
      expect.objectContaining({
        site_id: 'local',
        primary: true,
        services: ['pods'],
        tenant_base_url_template: 'https://${tenant_id}.pods.localhost:8443',
      }),
    ]);
  });

  it('can be paged, and one can be asked for', async () => {
    expect((await replyOf(await get('/v3/tenants?limit=1&offset=1'))).result).toEqual([
      expect.objectContaining({ tenant_id: 'lab' }),
    ]);
    expect((await replyOf(await get('/v3/tenants?limit=-1'))).result).toHaveLength(2);
    expect((await get('/v3/tenants/lab')).status).toBe(200);
    expect((await get('/v3/sites/elsewhere')).status).toBe(404);
  });
});

describe('users', () => {
  it('see themselves and the others of their tenant', async () => {
    expect((await replyOf(await get('/v3/oauth2/userinfo', ada))).result).toEqual({
      username: 'ada',
      email: 'ada@example.org',
      name: 'Ada Lovelace',
      given_name: 'Ada',
      last_name: 'Lovelace',
      dn: 'uid=ada,ou=people,dc=dev',
      create_time: '2026-01-01T00:00:00Z',
    });
    expect((await replyOf(await get('/v3/oauth2/profiles/grace', ada))).result).toMatchObject({ username: 'grace' });
    expect((await replyOf(await get('/v3/oauth2/profiles?limit=2', ada))).result).toHaveLength(2);
    expect((await get('/v3/oauth2/profiles/nobody', ada)).status).toBe(404);
  });

  it('are refused without a token, with a foreign one, and at another tenant', async () => {
    expect((await get('/v3/oauth2/userinfo')).status).toBe(401);
    const [head, body] = ada.split('.');
    expect((await get('/v3/oauth2/userinfo', `${head}.${body}.AAAA`)).status).toBe(401);
    expect((await get('/v3/oauth2/userinfo', ada, labHost)).status).toBe(403);
  });

  it('are refused once the token was revoked or has expired', async () => {
    const token = await tokenOf(test.app, 'alan');
    expect((await get('/v3/oauth2/userinfo', token)).status).toBe(200);
    await send(test.app, '/v3/oauth2/tokens/revoke', { json: { token } });
    expect((await get('/v3/oauth2/userinfo', token)).status).toBe(401);
    const later = await tokenOf(test.app, 'alan');
    test.clock.advance(14_400_001);
    expect((await get('/v3/oauth2/userinfo', later)).status).toBe(401);
  });
});

describe('roles', () => {
  it('are asked for by tenant', async () => {
    const roles = async (path: string) => await replyOf(await get(path));
    expect((await roles('/v3/security/user/roles/opsadmin?tenant=lab')).result).toEqual({ names: ['pods_admin'] });
    expect((await roles('/v3/security/user/roles/ada?tenant=lab')).result).toEqual({ names: [] });
    expect((await roles('/v3/security/user/roles/ada?tenant=nowhere')).status).toBe(404);
  });
});

describe('discovery', () => {
  it('names the endpoints of the tenant that was asked', async () => {
    const { result } = await replyOf(
      await get('/v3/oauth2/.well-known/oauth-authorization-server', undefined, labHost),
    );
    expect(result).toMatchObject({
      issuer: `https://${labHost}/v3/oauth2`,
      token_endpoint: `https://${labHost}/v3/oauth2/tokens`,
      jwks_uri: `https://${labHost}/v3/oauth2/jwks`,
    });
  });

  it('publishes public keys only', async () => {
    const body: unknown = await (await get('/v3/oauth2/jwks')).json();
    expect(body).toMatchObject({ keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig', e: 'AQAB' }] });
    expect(JSON.stringify(body)).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
  });
});
