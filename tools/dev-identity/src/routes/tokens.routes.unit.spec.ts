// Grants over HTTP: who gets a token, who does not, what survives a restart.
import { createPublicKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, createTestApp, labHost, replyOf, send, textAt, tokenOf, type TestApp } from '../testing/test-app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await createTestApp();
});
afterAll(async () => {
  await test.remove();
});

const tokens = '/v3/oauth2/tokens';
const password = { grant_type: 'password', username: 'ada', password: 'ada-dev' };
const client = { id: 'tapisui-implicit-client-dev', key: 'tapisui-dev' };

describe('POST /v3/oauth2/tokens with a password', () => {
  it('gives a token that the published key of the tenant verifies', async () => {
    const { status, message, result } = await replyOf(await send(test.app, tokens, { json: password }));
    expect([status, message]).toEqual([200, 'Token created successfully.']);
    const token = textAt(result, 'access_token', 'access_token');
    const tenant = await replyOf(await send(test.app, '/v3/tenants/dev'));
    const key = createPublicKey(textAt(tenant.result, 'public_key'));
    const now = new Date(test.clock.now());
    const { payload } = await jwtVerify(token, key, { algorithms: ['RS256'], currentDate: now });
    expect(payload).toMatchObject({ sub: 'ada@dev', 'tapis/grant_type': 'password', 'tapis/client_id': null });
    expect(payload.exp).toBe(test.clock.now() / 1000 + 14_400);
    expect(decodeProtectedHeader(token)).toEqual({ typ: 'JWT', alg: 'RS256' });
  });

  it('shows the token two levels deep, with times, and without a client no refresh token', async () => {
    const { result } = await replyOf(await send(test.app, tokens, { json: password }));
    const token = textAt(result, 'access_token', 'access_token');
    expect(result).toEqual({
      access_token: {
        access_token: token,
        id_token: token,
        expires_at: new Date(test.clock.now() + 14_400_000).toISOString().replace('Z', '+00:00'),
        expires_in: 14_400,
        jti: decodeJwt(token).jti,
      },
    });
  });

  it('takes a form as well, and a JSON text that calls itself a form', async () => {
    expect((await send(test.app, tokens, { form: password })).status).toBe(200);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send(test.app, tokens, { json: password, headers })).status).toBe(200);
  });

  it('gives a refresh token to a client that shows its key, as Basic or in the body', async () => {
    const byBasic = await replyOf(
      await send(test.app, tokens, { json: password, headers: basic(client.id, client.key) }),
    );
    const inBody = { ...password, client_id: client.id, client_key: client.key };
    const byBody = await replyOf(await send(test.app, tokens, { json: inBody }));
    for (const { result } of [byBasic, byBody]) {
      expect(decodeJwt(textAt(result, 'refresh_token', 'refresh_token'))['tapis/token_type']).toBe('refresh');
      expect(decodeJwt(textAt(result, 'access_token', 'access_token'))['tapis/client_id']).toBe(client.id);
    }
  });

  it('asks the tenant of the address: the same person has another token there', async () => {
    const { result } = await replyOf(await send(test.app, tokens, { json: password, host: labHost }));
    expect(decodeJwt(textAt(result, 'access_token', 'access_token'))).toMatchObject({
      sub: 'ada@lab',
      iss: `https://${labHost}/v3/tokens`,
    });
    const foreign = { grant_type: 'password', username: 'grace', password: 'grace-dev' };
    expect((await send(test.app, tokens, { json: foreign, host: labHost })).status).toBe(400);
  });

  it('ignores the X-Tapis-Token of the caller, even a broken one', async () => {
    const headers = { 'x-tapis-token': 'expired-or-broken' };
    for (const path of ['/v3/tenants', '/v3/sites']) expect((await send(test.app, path, { headers })).status).toBe(200);
    expect((await send(test.app, tokens, { json: password, headers })).status).toBe(200);
  });

  it.each([
    ['a wrong password', { ...password, password: 'wrong' }, 'Invalid username/password combination.'],
    ['an unknown user', { ...password, username: 'mallory' }, 'Invalid username/password combination.'],
    ['no password', { grant_type: 'password', username: 'ada' }, /password/],
    ['an unknown grant', { ...password, grant_type: 'wish' }, /Unknown grant_type/],
    ['no grant', {}, /Unknown grant_type/],
    ['a wrong client key', { ...password, client_id: client.id, client_key: 'wrong' }, /Invalid client credentials/],
  ])('refuses %s', async (_, json, message) => {
    const reply = await replyOf(await send(test.app, tokens, { json }));
    expect(reply.status).toBe(400);
    expect(reply.message).toMatch(message);
  });

  it('refuses a body that is no JSON object, and one that is too large', async () => {
    const headers = { 'content-type': 'application/json', host: 'dev.pods.localhost:8443' };
    const post = async (body: string) =>
      await test.app.request(`https://x${tokens}`, { method: 'POST', headers, body });
    expect([(await post('{')).status, (await post('[]')).status]).toEqual([400, 400]);
    expect((await post(JSON.stringify({ ...password, more: 'x'.repeat(70_000) }))).status).toBe(413);
  });
});

describe('refresh tokens', () => {
  const refreshed = async (token: string, app = test.app, key = client.key) => {
    const json = { grant_type: 'refresh_token', refresh_token: token };
    return await replyOf(await send(app, tokens, { json, headers: basic(client.id, key) }));
  };
  const login = async (): Promise<string> => {
    const { result } = await replyOf(
      await send(test.app, tokens, { json: password, headers: basic(client.id, client.key) }),
    );
    return textAt(result, 'refresh_token', 'refresh_token');
  };

  it('give new tokens of both kinds and count how often', async () => {
    const first = await refreshed(await login());
    const second = await refreshed(textAt(first.result, 'refresh_token', 'refresh_token'));
    const counts = [first, second].map(
      ({ result }) => decodeJwt(textAt(result, 'access_token', 'access_token'))['tapis/refresh_count'],
    );
    expect(counts).toEqual([1, 2]);
  });

  it('outlive a restart', async () => {
    const token = await login();
    expect((await refreshed(token, await test.restart())).status).toBe(200);
  });

  it('are worth nothing without their client, once revoked, or expired', async () => {
    const token = await login();
    const alone = await replyOf(
      await send(test.app, tokens, { json: { grant_type: 'refresh_token', refresh_token: token } }),
    );
    expect(alone.message).toMatch(/needs the client_id/);
    expect((await refreshed(token, test.app, 'wrong')).status).toBe(400);
    expect((await replyOf(await send(test.app, `${tokens}/revoke`, { json: { token } }))).result).toBe('');
    expect((await refreshed(token)).message).toMatch(/refresh token is not valid/);
    expect((await refreshed(token, await test.restart())).status).toBe(400);
    const other = await login();
    test.clock.advance(86_400_001);
    expect((await refreshed(other)).status).toBe(400);
  });

  it('cannot be used as an access token, nor the other way round', async () => {
    const headers = { 'x-tapis-token': await login() };
    expect((await send(test.app, '/v3/oauth2/userinfo', { headers })).status).toBe(401);
    expect((await refreshed(await tokenOf(test.app, 'ada'))).status).toBe(400);
  });
});

describe('device codes', () => {
  it('wait until a user approves, then work once', async () => {
    const { result } = await replyOf(
      await send(test.app, '/v3/oauth2/device/code', { json: { client_id: client.id } }),
    );
    const json = { grant_type: 'device_code', client_id: client.id, device_code: textAt(result, 'device_code') };
    expect(textAt(result, 'verification_uri')).toBe('https://dev.pods.localhost:8443/v3/oauth2/device');
    expect((await replyOf(await send(test.app, tokens, { json }))).message).toMatch(/authorization_pending/);
  });
});

describe('service tokens', () => {
  const json = { account_type: 'service', token_tenant_id: 'dev', token_username: 'pods', target_site_id: 'local' };

  it('are given to the service itself only, and renewed by its refresh token', async () => {
    const { result } = await replyOf(
      await send(test.app, '/v3/tokens', { json, headers: basic('pods', 'pods-service-dev') }),
    );
    expect(decodeJwt(textAt(result, 'access_token', 'access_token'))).toMatchObject({
      'tapis/account_type': 'service',
      'tapis/target_site': 'local',
      sub: 'pods@dev',
    });
    const refresh = { refresh_token: textAt(result, 'refresh_token', 'refresh_token') };
    expect((await send(test.app, '/v3/tokens', { method: 'PUT', json: refresh })).status).toBe(200);
  });

  it('are refused for a wrong password, another name, or a user', async () => {
    const attempts = await Promise.all([
      send(test.app, '/v3/tokens', { json }),
      send(test.app, '/v3/tokens', { json, headers: basic('pods', 'wrong') }),
      send(test.app, '/v3/tokens', { json: { ...json, token_username: 'ada' }, headers: basic('ada', 'ada-dev') }),
    ]);
    expect(attempts.map(({ status }) => status)).toEqual([400, 400, 400]);
  });
});
