// OAuth clients over HTTP: the owner's whole life cycle, and that nobody else takes part in it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, replyOf, send, textAt, tokenOf, type TestApp } from '../testing/test-app.ts';

let test: TestApp;
let ada = '';
let grace = '';
beforeAll(async () => {
  test = await createTestApp();
  ada = await tokenOf(test.app, 'ada');
  grace = await tokenOf(test.app, 'grace');
});
afterAll(async () => {
  await test.remove();
});

const clients = '/v3/oauth2/clients';
const call = async (token: string, method: string, path: string, json?: unknown) =>
  await replyOf(await send(test.app, path, { method, headers: { 'x-tapis-token': token }, json }));

describe('clients', () => {
  it('are created with what was given and made-up ids and keys for the rest', async () => {
    const given = { client_id: 'mine', client_key: 'key', callback_url: 'https://a.test/cb', display_name: 'Mine' };
    expect((await call(ada, 'POST', clients, given)).result).toMatchObject({
      ...given,
      owner: 'ada',
      tenant: 'dev',
      active: true,
    });
    const { status, result } = await call(ada, 'POST', clients, {});
    expect(status).toBe(200);
    expect(textAt(result, 'client_id')).toMatch(/^[0-9a-f]{24}$/);
    expect(textAt(result, 'client_key').length).toBeGreaterThan(30);
  });

  it('are listed, read and changed by their owner only', async () => {
    await call(ada, 'POST', clients, { client_id: 'private' });
    const { result } = await call(grace, 'GET', clients);
    expect(result).toEqual([]);
    const tries = [
      await call(grace, 'GET', `${clients}/private`),
      await call(grace, 'PUT', `${clients}/private`, { display_name: 'taken' }),
      await call(grace, 'DELETE', `${clients}/private`),
    ];
    expect(tries.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect((await call(ada, 'GET', `${clients}/private`)).result).toMatchObject({ display_name: '', active: true });
  });

  it('are known after a restart', async () => {
    await call(ada, 'POST', clients, { client_id: 'kept', client_key: 'kept-key' });
    const again = await test.restart();
    const reply = await replyOf(await send(again, `${clients}/kept`, { headers: { 'x-tapis-token': ada } }));
    expect(reply.result).toMatchObject({ client_key: 'kept-key' });
  });

  it('can change callback and name, and nothing else', async () => {
    await call(ada, 'POST', clients, { client_id: 'changing', callback_url: 'https://a.test/1' });
    const changed = await call(ada, 'PUT', `${clients}/changing`, { callback_url: 'https://a.test/2' });
    expect(changed.result).toMatchObject({ callback_url: 'https://a.test/2', display_name: '' });
    expect((await call(ada, 'PUT', `${clients}/changing`, { client_key: 'x' })).status).toBe(400);
  });

  it('become inactive when deleted, are hidden, and their id is free again for the same owner', async () => {
    await call(ada, 'POST', clients, { client_id: 'gone', client_key: 'old' });
    expect((await call(ada, 'DELETE', `${clients}/gone`)).result).toBeNull();
    const ids = async (query: string) => {
      const { result } = await call(ada, 'GET', `${clients}${query}`);
      return Array.isArray(result) ? result.map((client) => textAt(client, 'client_id')) : [];
    };
    expect(await ids('')).not.toContain('gone');
    expect(await ids('?show_inactive=True')).toContain('gone');
    const json = { grant_type: 'password', username: 'ada', password: 'ada-dev', client_id: 'gone', client_key: 'old' };
    expect((await send(test.app, '/v3/oauth2/tokens', { json })).status).toBe(400);
    expect((await call(grace, 'POST', clients, { client_id: 'gone' })).status).toBe(400);
    expect((await call(ada, 'POST', clients, { client_id: 'gone', client_key: 'new' })).result).toMatchObject({
      active: true,
    });
  });

  it.each([
    ['an id that is taken', { client_id: 'mine' }],
    ['an id of the identity file', { client_id: 'tapisui-implicit-client-dev' }],
    ['a callback that is no web address', { callback_url: 'javascript:alert(1)' }],
    ['a callback with a fragment', { callback_url: 'https://a.test/#x' }],
    ['an unknown field', { implicit: true }],
    ['an id with a slash', { client_id: '../x' }],
  ])('are refused with %s', async (_, json) => {
    expect((await call(ada, 'POST', clients, json)).status).toBe(400);
  });

  it('of the identity file cannot be changed', async () => {
    const admin = await tokenOf(test.app, 'opsadmin');
    const path = `${clients}/tapisui-implicit-client-dev`;
    expect((await call(admin, 'GET', path)).status).toBe(200);
    expect((await call(admin, 'DELETE', path)).status).toBe(400);
  });

  it('need a token', async () => {
    expect((await send(test.app, clients, { json: {} })).status).toBe(401);
  });

  it('are made by a service in the tenant and for the user that it names', async () => {
    const basicAuth = { authorization: `Basic ${Buffer.from('pods:pods-service-dev').toString('base64')}` };
    const json = { account_type: 'service', token_tenant_id: 'dev', token_username: 'pods' };
    const { result } = await replyOf(await send(test.app, '/v3/tokens', { json, headers: basicAuth }));
    const headers = {
      'x-tapis-token': textAt(result, 'access_token', 'access_token'),
      'x-tapis-tenant': 'lab',
      'x-tapis-user': '_tapis_pods',
    };
    const reply = await replyOf(await send(test.app, clients, { json: { client_id: 'PODS-SERVICE-x' }, headers }));
    expect(reply.result).toMatchObject({ tenant: 'lab', owner: '_tapis_pods' });
  });
});
