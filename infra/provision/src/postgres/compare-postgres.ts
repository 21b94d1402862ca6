// Holds what is on a Postgres server against what is wanted there. Changes nothing. Passwords cannot be read back and are
// not compared.
import { apiGrants, migrationState, openDatabase } from '@pods/read-store';
import type { Client } from 'pg';
import { asAdmin, urlFor } from './admin.ts';

/** The oldest Postgres that can make UUIDs without an extension, as the checkpoint's table needs. */
export const postgresVersionMin = 13;

export class PostgresTooOldError extends Error {
  override readonly name = 'PostgresTooOldError';
  readonly code = 'postgres_too_old';
}

/** The database was brought to its shape by a newer release. */
export class DatabaseNewerError extends Error {
  override readonly name = 'DatabaseNewerError';
  readonly code = 'postgres_database_newer';
}

export interface PostgresNames {
  readonly database: string;
  /** Role that owns the database and its tables. */
  readonly owner: string;
  /** Role as which api connects. */
  readonly api: string;
}

export interface PostgresComparison {
  readonly serverVersion: string;
  /** Roles, database and rights that are not there. */
  readonly missing: readonly string[];
  /** Steps of the shape that are still to be done. */
  readonly pendingMigrations: readonly string[];
}

/** @throws PostgresTooOldError, DatabaseNewerError, and the driver's errors */
export async function comparePostgres(adminUrl: string, names: PostgresNames): Promise<PostgresComparison> {
  const server = await asAdmin(adminUrl, async (admin) => {
    const serverVersion = await versionOf(admin);
    checkPostgresVersion(serverVersion);
    const isRole = async (name: string): Promise<boolean> => exists(admin, 'pg_roles', 'rolname', name);
    const missing = [];
    for (const role of [names.owner, names.api]) if (!(await isRole(role))) missing.push(`role ${role}`);
    const hasDatabase = await exists(admin, 'pg_database', 'datname', names.database);
    return { serverVersion, hasDatabase, missing };
  });
  const { serverVersion, hasDatabase } = server;
  const missing = hasDatabase ? server.missing : [...server.missing, `database ${names.database}`];
  const databaseUrl = urlFor(adminUrl, names.database);
  const pendingMigrations = await pendingOf(hasDatabase ? databaseUrl : undefined, names.database);
  // A right on a table, or of a role, that is not there cannot be asked for; it goes without saying.
  const isComplete = missing.length === 0 && pendingMigrations.length === 0;
  const rights = isComplete ? await asAdmin(databaseUrl, async (admin) => missingRights(admin, names)) : [];
  return { serverVersion, missing: [...missing, ...rights], pendingMigrations };
}

/** @throws PostgresTooOldError naming both versions. */
export function checkPostgresVersion(version: string): void {
  if (Number.parseInt(version, 10) >= postgresVersionMin) return;
  throw new PostgresTooOldError(
    `This Postgres is version ${version}; ${postgresVersionMin} or newer is needed. Update the server and start again.`,
  );
}

async function versionOf(admin: Client): Promise<string> {
  const { rows } = await admin.query<{ server_version: string }>('show server_version');
  return rows[0]?.server_version ?? 'unknown';
}

async function exists(
  admin: Client,
  table: 'pg_roles' | 'pg_database',
  column: 'rolname' | 'datname',
  name: string,
): Promise<boolean> {
  const { rowCount } = await admin.query(`select 1 from ${table} where ${column} = $1`, [name]);
  return rowCount !== 0;
}

async function pendingOf(databaseUrl: string | undefined, database: string): Promise<readonly string[]> {
  const db = databaseUrl === undefined ? undefined : openDatabase({ url: databaseUrl, connectionsMax: 1 });
  try {
    const { pending, unknown } = await migrationState(db);
    if (unknown.length === 0) return pending;
    throw new DatabaseNewerError(
      `Database ${database} was changed by a newer release (${unknown.join(', ')}). Use that release or a newer one.`,
    );
  } finally {
    await db?.destroy();
  }
}

async function missingRights(admin: Client, { database, api }: PostgresNames): Promise<readonly string[]> {
  const wanted = [
    { sql: 'has_database_privilege($1, $2, $3)', what: 'database', name: database, right: 'connect' },
    { sql: 'has_schema_privilege($1, $2, $3)', what: 'schema', name: 'public', right: 'usage' },
    ...Object.entries(apiGrants).flatMap(([table, rights]) =>
      rights.map((right) => ({ sql: 'has_table_privilege($1, $2, $3)', what: 'table', name: table, right })),
    ),
  ];
  const missing: string[] = [];
  for (const { sql, what, name, right } of wanted) {
    const { rows } = await admin.query<{ has: boolean }>(`select ${sql} as has`, [api, name, right]);
    if (rows[0]?.has !== true) missing.push(`right of ${api} to ${right} on ${what} ${name}`);
  }
  return missing;
}
