// A connection to the database of the copy.
import { Kysely, PostgresDialect, sql } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration';
import { Pool } from 'pg';
import { migrations } from './migrations.ts';
import type { ReadSchema } from './schema.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** Told of a connection that broke while nobody used it; the pool replaces it by itself. */
  readonly onIdleError?: (error: Error) => void;
  readonly connectionsMax?: number;
  /** How long one statement may take, and how long a connection may take to come about. */
  readonly timeoutMs?: number;
}

/** Opens a pool. Nothing is connected before the first statement. End it with `destroy()`. */
export function openDatabase(options: DatabaseOptions): Kysely<ReadSchema> {
  const { url, onIdleError = () => {}, connectionsMax = 4, timeoutMs = 10_000 } = options;
  const pool = new Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + 1000,
    application_name: 'pods',
  });
  // Without a listener such an error would end the process.
  pool.on('error', onIdleError);
  return new Kysely<ReadSchema>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * Brings the database to the newest shape. For the role that owns it; safe to repeat and to run twice at once.
 * @returns the names of the steps that were done.
 */
export async function migrate(db: Kysely<ReadSchema>): Promise<readonly string[]> {
  const { error, results } = await new Migrator({ db, provider: migrations }).migrateToLatest();
  if (error !== undefined) throw new Error('the database could not be brought to its newest shape', { cause: error });
  return (results ?? []).map((result) => result.migrationName);
}

/** How far a database is from the shape of this release. */
export interface MigrationState {
  /** Steps that are still to be done. */
  readonly pending: readonly string[];
  /** Steps that a newer release has done. */
  readonly unknown: readonly string[];
}

/** Changes nothing. Without a database, because it is not there yet, every step is pending. */
export async function migrationState(db: Kysely<ReadSchema> | undefined): Promise<MigrationState> {
  const known = Object.keys(await migrations.getMigrations());
  const done = db === undefined ? [] : await doneMigrations(db);
  return {
    pending: known.filter((name) => !done.includes(name)),
    unknown: done.filter((name) => !known.includes(name)),
  };
}

async function doneMigrations(db: Kysely<ReadSchema>): Promise<readonly string[]> {
  const { rows } = await sql<{
    exists: boolean;
  }>`select to_regclass(${DEFAULT_MIGRATION_TABLE}) is not null as exists`.execute(db);
  if (rows[0]?.exists !== true) return [];
  const done = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)} order by name`.execute(db);
  return done.rows.map(({ name }) => name);
}
