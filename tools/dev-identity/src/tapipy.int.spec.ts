// The real Python client, unpatched, against the real program's HTTP listener.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLogger, serveHttp, systemClock, type HttpListener } from '@pods/service';
import { pythonSetupMs, pythonWithTapipy } from '@pods/testing';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { shippedIdentities } from './testing/test-app.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'testing', 'tapipy-session.py');

let python = '';
let stateDir = '';
const listeners: HttpListener[] = [];

/** A listener whose tenants have addresses that Python can resolve without further ado. */
async function serve(lifeMs: { access: number; refresh: number }): Promise<{ dev: string; lab: string }> {
  const holder: { app?: Hono } = {};
  const listener = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    fetch: (request, env) => holder.app?.fetch(request, env) ?? new Response('starting', { status: 503 }),
  });
  listeners.push(listener);
  const urls = { dev: `http://127.0.0.1:${listener.port}`, lab: `http://localhost:${listener.port}` };
  const shipped = await shippedIdentities();
  const tenants = shipped.tenants.map((tenant) => ({
    ...tenant,
    base_url: tenant.id === 'dev' ? urls.dev : urls.lab,
  }));
  const log = createLogger({ app: 'dev-identity', level: 'warn' });
  holder.app = await createApp({ file: { ...shipped, tenants }, stateDir, lifeMs, clock: systemClock, log });
  return urls;
}

async function inPython(what: string, url: string): Promise<unknown> {
  const { stdout } = await run(python, [script, what, url], { timeout: 25_000 });
  const seen: unknown = JSON.parse(stdout);
  return seen;
}

let urls = { dev: '', lab: '' };
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'dev-identity-int-'));
  python = await pythonWithTapipy();
  urls = await serve({ access: 14_400_000, refresh: 86_400_000 });
}, pythonSetupMs);
afterAll(async () => {
  await Promise.all(listeners.map(async (listener) => await listener.close()));
  await rm(stateDir, { recursive: true, force: true });
});

describe('tapipy', () => {
  it('connects, logs in, verifies its token with the published key, and reads profiles', async () => {
    expect(await inPython('session', urls.dev)).toMatchObject({
      tenant_id: 'dev',
      claims: { sub: 'ada@dev', 'tapis/token_type': 'access', 'tapis/grant_type': 'password' },
      has_refresh_token: false,
      profile: { username: 'grace', email: 'grace@example.org', dn: 'uid=grace,ou=people,dc=dev' },
      userinfo: 'ada',
      begins: 'eyJ0eXAiOiJKV1QiLCJh',
    });
  });

  it('works with a slash at the end of the address, which doubles the one of each path', async () => {
    expect(await inPython('session', `${urls.dev}/`)).toMatchObject({ tenant_id: null, userinfo: 'ada' });
  });

  it('manages clients of its user and refreshes with one of them', async () => {
    expect(await inPython('refresh', urls.dev)).toMatchObject({
      created: 'tapipy-client',
      listed: ['tapipy-client'],
      renewed: true,
      claims: { 'tapis/grant_type': 'refresh_token', 'tapis/client_id': 'tapipy-client', 'tapis/refresh_count': 1 },
      updated: 'Renamed',
      left: [],
    });
  });

  it('renews a token that is about to expire without being told', async () => {
    const { dev } = await serve({ access: 4000, refresh: 86_400_000 });
    expect(await inPython('expiring', dev)).toMatchObject({
      who: 'ada',
      renewed: true,
      claims: { 'tapis/grant_type': 'refresh_token' },
    });
  });

  it('gets an error with the message when the password is wrong', async () => {
    expect(await inPython('wrong_password', urls.lab)).toEqual({ refused: 'Invalid username/password combination.' });
  });
});
