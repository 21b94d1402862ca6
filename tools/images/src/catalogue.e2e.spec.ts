// The catalogue's images as containers of the platform's cluster: they serve what they are for, and end when told to.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { PlatformInfo } from '@pods/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clusterPods, type ClusterPods } from './testing/cluster-pods.ts';

// Half the grace period: an image that ignores the signal to stop would take all of it.
const STOP_S = 15;

let pods: ClusterPods;
beforeAll(async () => {
  const { kubectl }: PlatformInfo = inject('platform');
  pods = await clusterPods(kubectl, `images-${randomBytes(4).toString('hex')}`);
});
afterAll(async () => {
  await pods.remove();
});

/** Sends a few bytes over TCP and returns the first that come back. */
const firstAnswer = async (host: string, port: number, bytes: Buffer): Promise<string> => {
  const socket = connect({ host, port, timeout: 5_000 });
  socket.on('timeout', () => void socket.destroy(new Error(`${host}:${port} does not answer`)));
  try {
    socket.write(bytes);
    for await (const chunk of socket) return String(chunk);
    return '';
  } finally {
    socket.destroy();
  }
};

describe('webpage', () => {
  it('shows its page, reflects requests, logs them, and ends at once', async () => {
    const address = await pods.run('webpage', 'pods.local/webpage:1', { httpGet: { path: '/healthz', port: 5000 } });
    expect(await (await fetch(`http://${address}:5000/`)).text()).toContain('It works: this page comes from a pod');
    const echo: unknown = await (
      await fetch(`http://${address}:5000/echo?a=1`, { headers: { 'x-seen': 'yes' } })
    ).json();
    expect(echo).toMatchObject({ method: 'GET', path: '/echo', query: 'a=1', headers: { 'X-Seen': ['yes'] } });
    expect(await pods.logs('webpage')).toMatch(/^webpage listening on :5000\n[^]*GET "\/echo\?a=1" 200/);
    expect((await fetch(`http://${address}:5000/exit?code=1`)).status).toBe(403);
    expect(await pods.stop('webpage')).toBeLessThan(STOP_S);
  });
});

describe('nginx', () => {
  it('serves files, logs to its output, and ends when told to', async () => {
    const address = await pods.run('nginx', 'pods.local/nginx:1', { httpGet: { path: '/', port: 80 } });
    await pods.exec('nginx', ['sh', '-c', 'echo mine > /usr/share/nginx/html/mine.txt']);
    expect(await (await fetch(`http://${address}/mine.txt`)).text()).toBe('mine\n');
    expect((await fetch(`http://${address}/missing`)).status).toBe(404);
    expect(await pods.logs('nginx')).toContain('"GET /mine.txt HTTP/1.1" 200');
    expect(await pods.stop('nginx')).toBeLessThan(STOP_S);
  });
});

describe('redis', () => {
  it('answers other containers, does not run as root, and ends when told to', async () => {
    const address = await pods.run('redis', 'pods.local/redis:7', { exec: { command: ['redis-cli', 'ping'] } });
    expect(await firstAnswer(address, 6379, Buffer.from('PING\r\n'))).toBe('+PONG\r\n');
    expect(await pods.exec('redis', ['ps', '-o', 'pid,user'])).toMatch(/^ *1 redis/m);
    expect(await pods.stop('redis')).toBeLessThan(STOP_S);
  });
});

describe('python', () => {
  it('runs the notes application, which escapes what visitors write', async () => {
    const address = await pods.run('python', 'pods.local/python:3.11', { httpGet: { path: '/healthz', port: 5000 } });
    const body = new URLSearchParams({ text: '<script>1</script>' });
    expect((await fetch(`http://${address}:5000/notes`, { method: 'POST', body })).status).toBe(200);
    const page = await (await fetch(`http://${address}:5000/`)).text();
    expect(page).toContain('this page comes from Python 3.11');
    expect(page).toContain('<li>&lt;script&gt;1&lt;/script&gt;</li>');
    expect(await pods.stop('python')).toBeLessThan(STOP_S);
  });
});

describe('postgres', () => {
  // The pod's own address, so that the rules for connections from outside count.
  const query = async (address: string, sql: string, password = 'secret-1'): Promise<string> =>
    await pods.exec('postgres', [
      'env',
      `PGPASSWORD=${password}`,
      'psql',
      `host=${address} user=ada dbname=notes sslmode=require`,
      '--tuples-only',
      '--no-align',
      `--command=${sql}`,
    ]);

  it('makes the database at its first start, wants the password, speaks TLS, and ends when told to', async () => {
    const env = { POSTGRES_USER: 'ada', POSTGRES_PASSWORD: 'secret-1', POSTGRES_DB: 'notes' };
    const ready = { exec: { command: ['pg_isready', '--host=127.0.0.1', '--username=ada', '--dbname=notes'] } };
    const address = await pods.run('postgres', 'pods.local/postgres:15', ready, env);
    expect(await query(address, 'create table t (n int); insert into t values (42)')).toContain('INSERT');
    expect(await query(address, 'select n from t')).toBe('42');
    expect(await query(address, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()')).toBe('t');
    await expect(query(address, 'select 1', 'wrong')).rejects.toThrow(/password authentication failed/);
    // What a proxy sends to find out whether it may start TLS.
    const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
    expect(await firstAnswer(address, 5432, sslRequest)).toBe('S');
    expect(await pods.stop('postgres')).toBeLessThan(STOP_S);
  });
});
