// The shape of the database, step by step. A step that was released is never edited; a new one is added.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';

/**
 * `pod_events` is a second copy of the log: one row an event, keyed by its place in its pod's history, so that writing
 * it twice changes nothing. It holds versions and no stream sequences: a replay gives equal rows. The body is `json`, not
 * `jsonb`: it stays as it was written, key order, NUL and lone surrogates included, so that the hash chain can be checked and
 * the stream rebuilt from it.
 *
 * `pod_events_checkpoint` is one row: the identity of this copy (a new database is a new copy and is filled from the
 * beginning), a generation that is raised to fill it again, and the newest sequence that was written.
 */
const podEvents: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('pod_events')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('pod_id', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('event_id', 'text', (column) => column.notNull())
      .addColumn('cause_id', 'text', (column) => column.notNull())
      .addColumn('cause_hash', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addColumn('schema', 'integer', (column) => column.notNull())
      .addColumn('previous_hash', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('body', 'json', (column) => column.notNull())
      .addPrimaryKeyConstraint('pod_events_pk', ['tenant', 'pod_id', 'version'])
      .execute();
    await db.schema.createIndex('pod_events_by_actor').on('pod_events').columns(['tenant', 'actor', 'at']).execute();
    await db.schema.createIndex('pod_events_by_time').on('pod_events').columns(['tenant', 'at']).execute();
    await db.schema.createIndex('pod_events_by_type').on('pod_events').columns(['tenant', 'type', 'at']).execute();
    await sql`
      create view pod_history as
      select pod_events.*,
        (count(*) filter (where type = 'PodCreated') over (partition by tenant, pod_id order by version))::integer as incarnation
      from pod_events`.execute(db);
    await sql`
      create table pod_events_checkpoint (
        only_row boolean primary key default true check (only_row),
        copy_id uuid not null default gen_random_uuid(),
        generation integer not null default 1,
        seq bigint not null default 0
      )`.execute(db);
    await sql`insert into pod_events_checkpoint default values`.execute(db);
  },
};

export const migrations: MigrationProvider = {
  getMigrations: async () => ({ '0001-pod-events': podEvents }),
};

/** What api does with each table and view: what its role must be granted, and nothing else. */
export const apiGrants = {
  pod_events: ['select', 'insert'],
  pod_history: ['select'],
  pod_events_checkpoint: ['select', 'update'],
} as const;
