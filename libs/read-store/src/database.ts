// A connection to the database of the copy.
import { Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
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
