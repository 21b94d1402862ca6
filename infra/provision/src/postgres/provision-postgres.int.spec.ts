// Roles and tables on a real Postgres, seen through the role that api gets.
import { createPodEventCopy, openDatabase } from '@pods/read-store';
import { freshPrefix } from '@pods/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { PostgresSettings } from './provision-postgres.ts';
import { provisionPostgres } from './provision-postgres.ts';

const open: Client[] = [];
let settings: PostgresSettings;

beforeEach(() => {
  const name = freshPrefix();
  settings = {
    adminUrl: inject('postgresUrl'),
    database: name,
    owner: { name: `${name}_owner`, password: "o'wner" },
    api: { name: `${name}_api`, password: 'a:p/i@%' },
  };
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.end()));
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  open.push(client);
  return client;
}

const event = {
  key: ['dev', 'aaa'],
  version: 1,
  type: 'PodCreated',
  eventId: 'e',
  causeId: 'c',
  causeHash: 'h',
  actor: 'ada',
  at: '2026-01-01T00:00:00.000Z',
  schema: 1,
  previousHash: '0',
  hash: '1',
  body: {},
  seq: 7,
};

describe('the role of api', () => {
  it('can write and read the copy and nothing more', async () => {
    const { apiUrl } = await provisionPostgres(settings);
    const db = openDatabase({ url: apiUrl });
    const copy = createPodEventCopy(db);
    await copy.record([event]);
    await copy.record([event]);
    expect(await copy.checkpoint()).toMatchObject({ seq: 7, generation: 1 });
    expect(await copy.raiseGeneration(1)).toBe(2);
    expect(await copy.eventsOf({ tenant: 'dev', podId: 'aaa' })).toHaveLength(1);
    await db.destroy();
    const api = await connect(apiUrl);
    const denied = { code: '42501' };
    await expect(api.query('delete from pod_events')).rejects.toMatchObject(denied);
    await expect(api.query("update pod_events set actor = 'eve'")).rejects.toMatchObject(denied);
    await expect(api.query('truncate pod_events')).rejects.toMatchObject(denied);
    await expect(api.query('delete from pod_events_checkpoint')).rejects.toMatchObject(denied);
    await expect(api.query('create table mine (a int)')).rejects.toMatchObject(denied);
    await expect(api.query('create schema mine')).rejects.toMatchObject(denied);
    await expect(api.query('create role mine')).rejects.toMatchObject(denied);
  });

  it('cannot enter databases of others, nor others its own', async () => {
    const { apiUrl } = await provisionPostgres(settings);
    const name = freshPrefix();
    const second = await provisionPostgres({
      ...settings,
      database: name,
      owner: { name: `${name}_owner`, password: 'o' },
      api: { name: `${name}_api`, password: 'b' },
    });
    const crossed = new URL(apiUrl);
    crossed.pathname = new URL(second.apiUrl).pathname;
    await expect(connect(crossed.href)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('provisioning', () => {
  it('again, and twice at once, changes nothing but passwords', async () => {
    const [first, second] = await Promise.all([provisionPostgres(settings), provisionPostgres(settings)]);
    expect(second.apiUrl).toBe(first.apiUrl);
    expect([...first.migrated, ...second.migrated]).toEqual(['0001-pod-events']);
    const before = await connect(first.apiUrl);
    await before.query(
      "insert into pod_events values ('t', 'p', 1, 'x', 'e', 'c', 'h', 'a', now(), 1, '0', '1', '{}')",
    );
    const changed = await provisionPostgres({ ...settings, api: { ...settings.api, password: 'new' } });
    expect(changed.migrated).toEqual([]);
    const after = await connect(changed.apiUrl);
    expect((await after.query('select * from pod_events')).rowCount).toBe(1);
    await expect(connect(first.apiUrl)).rejects.toMatchObject({ code: '28P01' });
  });
});
