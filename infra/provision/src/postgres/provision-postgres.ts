// Roles, database and tables on Postgres: an owner that changes the shape, and a role for api that may do with each
// table what api does and nothing else.
import { apiGrants, migrate, openDatabase } from '@pods/read-store';
import type { Client } from 'pg';
import { DatabaseError, escapeIdentifier, escapeLiteral } from 'pg';
import type { PostgresRole } from './admin.ts';
import { asAdmin, urlFor } from './admin.ts';
import { comparePostgres } from './compare-postgres.ts';

export interface PostgresSettings {
  /** A role that may create roles and databases. Holds a secret. */
  readonly adminUrl: string;
  /** Name of the database; `pods` by default. */
  readonly database?: string;
  /** Owns the database and its tables. No app connects as it. */
  readonly owner: PostgresRole;
  /** What api connects as. */
  readonly api: PostgresRole;
}

export interface PostgresProvisioned {
  /** By which api connects. Holds a secret. */
  readonly apiUrl: string;
  /** Steps of the shape that were done now. */
  readonly migrated: readonly string[];
  /** Roles, database and rights that were not there before. */
  readonly made: readonly string[];
}

/**
 * Makes sure that everything is there, passwords included. Safe to repeat and to run twice at once.
 * @throws PostgresTooOldError, DatabaseNewerError before anything is changed; the driver's errors
 */
export async function provisionPostgres(settings: PostgresSettings): Promise<PostgresProvisioned> {
  const { adminUrl, database = 'pods', owner, api } = settings;
  const before = await comparePostgres(adminUrl, { database, owner: owner.name, api: api.name });
  await asAdmin(adminUrl, async (admin) => {
    for (const role of [owner, api]) await ensureRole(admin, role);
    await ensureDatabase(admin, database, owner.name);
    await execute(admin, `revoke all on database ${escapeIdentifier(database)} from public`);
    await execute(admin, `grant connect on database ${escapeIdentifier(database)} to ${escapeIdentifier(api.name)}`);
  });
  await asAdmin(urlFor(adminUrl, database), async (admin) => {
    await execute(admin, `alter schema public owner to ${escapeIdentifier(owner.name)}`);
    await execute(admin, 'revoke all on schema public from public');
  });
  const migrated = await asOwner(urlFor(adminUrl, database, owner), api.name);
  return { apiUrl: urlFor(adminUrl, database, api), migrated, made: before.missing };
}

const duplicateObject = '42710';
const duplicateDatabase = '42P04';
const uniqueViolation = '23505';

async function ensureRole(admin: Client, { name, password }: PostgresRole): Promise<void> {
  const role = escapeIdentifier(name);
  await execute(admin, `create role ${role}`, [duplicateObject, uniqueViolation]);
  const rights = 'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls';
  await execute(admin, `alter role ${role} with ${rights} password ${escapeLiteral(password)}`);
}

async function ensureDatabase(admin: Client, database: string, owner: string): Promise<void> {
  const found = await admin.query('select 1 from pg_database where datname = $1', [database]);
  if (found.rowCount !== 0) return;
  const create = `create database ${escapeIdentifier(database)} owner ${escapeIdentifier(owner)}`;
  await execute(admin, create, [duplicateDatabase, uniqueViolation]);
}

const attemptsMax = 10;

/** Runs a statement; an error with one of `fineCodes` means that another run has done it. */
async function execute(client: Client, statement: string, fineCodes: readonly string[] = []): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      if (error.code !== undefined && fineCodes.includes(error.code)) return;
      // Two runs that set the same at the same moment: Postgres lets one fail instead of wait.
      if (!error.message.includes('tuple concurrently') || attempt === attemptsMax) throw error;
    }
  }
}

async function asOwner(ownerUrl: string, apiRole: string): Promise<readonly string[]> {
  const db = openDatabase({ url: ownerUrl, connectionsMax: 1, timeoutMs: 60_000 });
  try {
    const migrated = await migrate(db);
    const role = escapeIdentifier(apiRole);
    const grants = Object.entries(apiGrants).map(
      ([table, rights]) => `grant ${rights.join(', ')} on ${escapeIdentifier(table)} to ${role}`,
    );
    await asAdmin(ownerUrl, async (owner) => {
      await execute(owner, `grant usage on schema public to ${role}`);
      for (const grant of grants) await execute(owner, grant);
    });
    return migrated;
  } finally {
    await db.destroy();
  }
}
