// The program on a real Postgres.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshPrefix } from '@pods/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { runMain, runMainJson } from '../testing/run-main.ts';

let folder: string;
let name: string;
const file = (base: string): string => join(folder, base);
const roles = (): readonly string[] => [`role ${name}_owner`, `role ${name}_api`, `database ${name}`];
const common = (): readonly string[] => [
  'postgres',
  `--admin-url-file=${file('admin.url')}`,
  `--database=${name}`,
  `--owner-role=${name}_owner`,
  `--api-role=${name}_api`,
];
const check = (): readonly string[] => [...common(), '--check'];
const provision = (): readonly string[] => [
  ...common(),
  `--api-url-file=${file('secrets/api.url')}`,
  `--owner-password-file=${file('owner')}`,
  `--api-password-file=${file('api')}`,
];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provision-postgres-'));
  name = freshPrefix();
  await writeFile(file('admin.url'), `${inject('postgresUrl')}\n`);
  await writeFile(file('owner'), 'owner-secret\n');
  await writeFile(file('api'), 'a:p/i@%secret\n');
});
afterEach(() => rm(folder, { recursive: true }));

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

async function databaseUrl(): Promise<string> {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

describe('postgres', () => {
  it('with --check lists roles, database and migrations, and makes none of them', async () => {
    const before = { ok: false, missing: roles(), pendingMigrations: ['0001-pod-events'] };
    expect(await runMainJson(check())).toMatchObject({ exitCode: 1, result: before });
    expect(await runMainJson(check())).toMatchObject({ exitCode: 1, result: before });
    expect((await runMain(check())).stdout).toContain('migration 0001-pod-events: pending\n');
  });

  it('sets everything up once, and hands the URL of api over in a file for its owner only', async () => {
    const { exitCode, stdout, stderr } = await runMain(provision());
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const what of roles()) expect(stdout).toContain(`${what}: made\n`);
    expect(stdout).toContain('migration 0001-pod-events: done\n');
    expect(stdout).not.toContain('secret\n');
    expect((await stat(file('secrets/api.url'))).mode & 0o777).toBe(0o600);
    const apiUrl = (await readFile(file('secrets/api.url'), 'utf8')).trim();
    expect(await query(apiUrl, 'select seq from pod_events_checkpoint')).toEqual([{ seq: '0' }]);
    expect(await runMainJson(provision())).toMatchObject({ exitCode: 0, result: { ok: true, made: [], migrated: [] } });
    const checked = await runMain(check());
    expect(checked.exitCode).toBe(0);
    expect(checked.stdout).toContain('as wanted');
  });

  it('finds a right that was taken away, and gives it again', async () => {
    await runMain(provision());
    await query(await databaseUrl(), `revoke insert on pod_events from ${name}_api`);
    const missing = [`right of ${name}_api to insert on table pod_events`];
    expect(await runMainJson(check())).toMatchObject({ exitCode: 1, result: { missing, pendingMigrations: [] } });
    expect(await runMainJson(provision())).toMatchObject({ exitCode: 0, result: { made: missing } });
    expect(await runMainJson(check())).toMatchObject({ exitCode: 0 });
  });

  it('refuses a database that a newer release has changed, and leaves passwords as they are', async () => {
    await runMain(provision());
    const apiUrl = (await readFile(file('secrets/api.url'), 'utf8')).trim();
    await query(await databaseUrl(), "insert into kysely_migration values ('9999-newer', now())");
    await writeFile(file('api'), 'another');
    for (const args of [provision(), check()]) {
      const { exitCode, result } = await runMainJson(args);
      expect({ exitCode, result }).toMatchObject({ exitCode: 1, result: { code: 'postgres_database_newer' } });
    }
    expect(await query(apiUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('says why Postgres does not do it, without the password', async () => {
    const wrong = new URL(inject('postgresUrl'));
    wrong.username = name;
    wrong.password = 'hush';
    const rows = [
      [wrong.href, 'postgres_refused'],
      ['postgres://admin:hush@127.0.0.1:1/postgres', 'postgres_unreachable'],
      [`${inject('postgresUrl')}?sslmode=verify-full`, 'postgres_unreachable'],
      ['postgres://admin:hush@no.such.host.invalid/postgres', 'postgres_unreachable'],
      ['http://admin:hush@127.0.0.1/', 'postgres_url_invalid'],
      [' ', 'file_empty'],
    ] as const;
    for (const [url, code] of rows) {
      await writeFile(file('admin.url'), url);
      const { exitCode, stdout, stderr } = await runMain([...provision(), '--json']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, code });
      expect(stdout).not.toContain('hush');
    }
  });
});
