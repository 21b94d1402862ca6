// The browser flow as a browser walks it, and the ways in which somebody might abuse it.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBrowser, type Browser } from '../testing/browser.ts';
import { basic, createTestApp, replyOf, send, textAt, tokenOf, type TestApp } from '../testing/test-app.ts';

let test: TestApp;
let browser: Browser;
const callback = 'https://app.test/cb';
const client = { id: 'webapp', key: 'webapp-key' };

beforeAll(async () => {
  test = await createTestApp();
  const headers = { 'x-tapis-token': await tokenOf(test.app, 'ada') };
  const json = { client_id: client.id, client_key: client.key, callback_url: callback, display_name: '<b>App</b>' };
  await send(test.app, '/v3/oauth2/clients', { json, headers });
});
beforeEach(() => {
  browser = createBrowser(test.app);
});
afterAll(async () => {
  await test.remove();
});

const ask = (more: Readonly<Record<string, string>> = {}): string =>
  `/v3/oauth2/authorize?${new URLSearchParams({ client_id: client.id, redirect_uri: callback, response_type: 'code', ...more }).toString()}`;

const logIn = async (username = 'grace'): Promise<void> => {
  await browser.open('/v3/oauth2/logout');
  await browser.open('/v3/oauth2/login');
  await browser.submit({ username, password: `${username}-dev` });
};

const redeem = async (code: string, redirectUri = callback, by = client) =>
  await replyOf(
    await send(test.app, '/v3/oauth2/tokens', {
      form: { grant_type: 'authorization_code', code, redirect_uri: redirectUri },
      headers: basic(by.id, by.key),
    }),
  );

const codeOf = (address: string): string => new URL(address).searchParams.get('code') ?? '';

describe('the authorization-code flow', () => {
  it('leads from log-in over approval to the client, with a code that gives tokens', async () => {
    await browser.open(ask({ state: 's/1' }));
    expect(browser.path()).toMatch(/^\/v3\/oauth2\/login\?/);
    await browser.submit({ username: 'grace', password: 'grace-dev' });
    expect(browser.text()).toContain('asks to act as');
    await browser.submit({ approve: 'yes' });
    const there = new URL(browser.address());
    expect([`${there.origin}${there.pathname}`, there.searchParams.get('state')]).toEqual([callback, 's/1']);
    const { result } = await redeem(codeOf(browser.address()));
    expect(decodeJwt(textAt(result, 'access_token', 'access_token'))).toMatchObject({
      sub: 'grace@dev',
      'tapis/client_id': client.id,
      'tapis/grant_type': 'authorization_code',
      'tapis/redirect_uri': callback,
      'tapis/refresh_count': 0,
    });
    expect(textAt(result, 'refresh_token', 'refresh_token')).not.toBe('');
  });

  it('tells the client when the user refuses, without a state that was not given', async () => {
    await logIn();
    await browser.open(ask());
    await browser.submit({ approve: 'no' });
    expect(browser.address()).toBe(`${callback}?error=access_denied`);
  });

  it('gives codes that work once, for the same client and address, for ten minutes', async () => {
    const approve = async (): Promise<string> => {
      await logIn();
      await browser.open(ask());
      await browser.submit({ approve: 'yes' });
      return codeOf(browser.address());
    };
    const once = await approve();
    expect((await redeem(once)).status).toBe(200);
    expect((await redeem(once)).message).toMatch(/code is not valid/);
    const elsewhere = await approve();
    expect((await redeem(elsewhere, 'https://app.test/other')).message).toMatch(/redirect_uri/);
    expect((await redeem(elsewhere)).message).toMatch(/code is not valid/);
    const foreign = await approve();
    const other = { id: 'tapisui-implicit-client-dev', key: 'tapisui-dev' };
    expect((await redeem(foreign, callback, other)).message).toMatch(/code is not valid/);
    const late = await approve();
    test.clock.advance(600_001);
    expect((await redeem(late)).status).toBe(400);
  });

  it('gives a token in the query to a client of the implicit kind only', async () => {
    await logIn();
    await browser.open(ask({ response_type: 'token' }));
    expect(browser.status()).toBe(400);
    const redirect = 'http://localhost:3000/oauth2/callback';
    await browser.open(
      ask({ response_type: 'token', client_id: 'tapisui-implicit-client-dev', redirect_uri: redirect }),
    );
    await browser.submit({ approve: 'yes' });
    const { searchParams, hash } = new URL(browser.address());
    expect(hash).toBe('');
    expect([searchParams.get('token_type'), searchParams.get('expires_in')]).toEqual(['Bearer', '14400']);
    expect(decodeJwt(searchParams.get('access_token') ?? '')['tapis/grant_type']).toBe('implicit');
  });
});

describe('the device flow', () => {
  it('lets a user approve a device by its code, once', async () => {
    const { result } = await replyOf(
      await send(test.app, '/v3/oauth2/device/code', { json: { client_id: client.id } }),
    );
    const userCode = textAt(result, 'user_code');
    await browser.open('/v3/oauth2/device');
    await browser.submit({ username: 'grace', password: 'grace-dev' });
    await browser.submit({ user_code: userCode.toLowerCase() });
    await browser.submit({ approve: 'yes' });
    expect(browser.text()).toContain('The device may now act as');
    const json = { grant_type: 'device_code', client_id: client.id, device_code: textAt(result, 'device_code') };
    const reply = await replyOf(await send(test.app, '/v3/oauth2/tokens', { json }));
    expect(decodeJwt(textAt(reply.result, 'access_token', 'access_token')).sub).toBe('grace@dev');
    expect((await send(test.app, '/v3/oauth2/tokens', { json })).status).toBe(400);
  });
});

describe('the pages', () => {
  it('never redirect to an address that is not the registered one', async () => {
    for (const more of [
      { redirect_uri: 'https://evil.test/cb' },
      { redirect_uri: `${callback}/` },
      { client_id: 'nobody' },
    ]) {
      await browser.open(ask(more));
      expect([browser.status() >= 400, browser.path().startsWith('/v3/oauth2/authorize')]).toEqual([true, true]);
    }
  });

  it('go on after a log-in to pages of ours only', async () => {
    await browser.open('/v3/oauth2/login?next=https://evil.test&redirect_uri=https://evil.test');
    await browser.submit({ username: 'grace', password: 'grace-dev' });
    expect(browser.path()).toBe('/v3/oauth2/login');
    expect(browser.text()).toContain('grace');
  });

  it('escape what comes from outside', async () => {
    await browser.open(ask({ state: '"><script>alert(1)</script>' }));
    expect(browser.text()).not.toContain('<script>');
    await browser.submit({ username: 'grace', password: 'grace-dev' });
    expect(browser.text()).toContain('&lt;b&gt;App&lt;/b&gt;');
    expect(browser.text()).not.toMatch(/<b>App|<script>/);
  });

  it('refuse forms that did not come from them', async () => {
    await logIn();
    const fields = { client_id: client.id, redirect_uri: callback, response_type: 'code', approve: 'yes' };
    await browser.post('/v3/oauth2/authorize', fields);
    expect(browser.status()).toBe(403);
    await browser.post('/v3/oauth2/authorize', { ...fields, csrf: 'guessed' });
    expect(browser.status()).toBe(403);
    const stranger = createBrowser(test.app);
    await stranger.open('/v3/oauth2/login');
    await browser.post('/v3/oauth2/login', { username: 'alan', password: 'alan-dev', csrf: stranger.field('csrf') });
    expect(browser.status()).toBe(403);
  });

  it('forbid framing, scripts and caching', async () => {
    await browser.open('/v3/oauth2/login');
    const headers = browser.headers();
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect([headers.get('x-frame-options'), headers.get('cache-control')]).toEqual(['DENY', 'no-store']);
  });

  it('say so when the password is wrong, and keep what the user came for', async () => {
    await browser.open(ask());
    await browser.submit({ username: 'grace', password: 'wrong' });
    expect(browser.text()).toContain('Invalid username/password combination.');
    await browser.submit({ username: 'grace', password: 'grace-dev' });
    expect(browser.text()).toContain('asks to act as');
  });

  it('set cookies that scripts and other sites do not get, and a new session at each log-in', async () => {
    browser.setCookie('dev_identity_session', 'planted');
    await browser.open('/v3/oauth2/login');
    await browser.submit({ username: 'grace', password: 'grace-dev' });
    const session = browser.cookie('dev_identity_session');
    expect(session.attributes).toEqual(expect.arrayContaining(['HttpOnly', 'Secure', 'SameSite=Lax']));
    expect(session.value).not.toBe('planted');
  });

  it('forget the user at log-out, also with a kept cookie', async () => {
    await logIn();
    const kept = browser.cookie('dev_identity_session').value;
    await browser.open('/v3/oauth2/logout');
    browser.setCookie('dev_identity_session', kept);
    await browser.open(ask());
    expect(browser.path()).toMatch(/^\/v3\/oauth2\/login/);
  });
});
