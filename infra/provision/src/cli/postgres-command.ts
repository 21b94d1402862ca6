// Compares or provisions Postgres, and puts the driver's errors into words for people.
import { DatabaseError } from 'pg';
import { PostgresUnreachableError } from '../postgres/admin.ts';
import { comparePostgres, DatabaseNewerError, PostgresTooOldError } from '../postgres/compare-postgres.ts';
import { provisionPostgres } from '../postgres/provision-postgres.ts';
import type { PostgresLine } from './command-line.ts';
import type { Report } from './report.ts';
import { connectionHint, isSystemError, Refusal } from './report.ts';
import { readSecret, writeSecret } from './secret-files.ts';

/** @throws Refusal */
export async function runPostgres(line: PostgresLine): Promise<Report> {
  const adminUrl = await readAdminUrl(line.adminUrlFile);
  try {
    return line.write === undefined ? await compare(adminUrl, line) : await provision(adminUrl, line, line.write);
  } catch (error) {
    throw refusalOf(error, adminUrl) ?? error;
  }
}

async function compare(adminUrl: string, { names }: PostgresLine): Promise<Report> {
  const { serverVersion, missing, pendingMigrations } = await comparePostgres(adminUrl, names);
  const settled = missing.length === 0 && pendingMigrations.length === 0;
  return {
    lines: [
      ...missing.map((what) => `${what}: missing`),
      ...pendingMigrations.map((step) => `migration ${step}: pending`),
      ...(settled
        ? [`Postgres ${serverVersion}: roles, rights and tables are as wanted; passwords were not compared`]
        : []),
    ],
    json: { serverVersion, missing, pendingMigrations },
    settled,
  };
}

async function provision(
  adminUrl: string,
  { names }: PostgresLine,
  { ownerPasswordFile, apiPasswordFile, apiUrlFile }: NonNullable<PostgresLine['write']>,
): Promise<Report> {
  const { apiUrl, migrated, made } = await provisionPostgres({
    adminUrl,
    database: names.database,
    owner: { name: names.owner, password: await readSecret(ownerPasswordFile, 'the password of the owner') },
    api: { name: names.api, password: await readSecret(apiPasswordFile, 'the password of api') },
  });
  if (apiUrlFile !== undefined) await writeSecret(apiUrlFile, `${apiUrl}\n`);
  return {
    lines: [
      ...made.map((what) => `${what}: made`),
      ...migrated.map((step) => `migration ${step}: done`),
      'roles, rights, passwords and tables are as wanted',
      ...(apiUrlFile === undefined ? [] : [`URL of api: in ${apiUrlFile}`]),
    ],
    json: { made, migrated, ...(apiUrlFile === undefined ? {} : { apiUrlFile }) },
    settled: true,
  };
}

async function readAdminUrl(file: string): Promise<string> {
  const text = await readSecret(file, 'the postgres:// URL of a superuser');
  const url = URL.parse(text);
  if (url !== null && ['postgres:', 'postgresql:'].includes(url.protocol)) return text;
  throw new Refusal(
    'postgres_url_invalid',
    `${file} holds no URL of the form postgres://user:password@host:port/postgres.`,
  );
}

function refusalOf(error: unknown, adminUrl: string): Refusal | undefined {
  if (error instanceof PostgresTooOldError || error instanceof DatabaseNewerError) {
    return new Refusal(error.code, error.message, { cause: error });
  }
  for (const reason of [error, error instanceof Error ? error.cause : undefined]) {
    if (reason instanceof DatabaseError) {
      const message = `Postgres refused: ${reason.message} (SQLSTATE ${reason.code ?? 'unknown'}).`;
      return new Refusal('postgres_refused', message, { cause: error });
    }
  }
  if (!(error instanceof PostgresUnreachableError) && !isSystemError(error)) return undefined;
  const message = `No answer from Postgres at ${new URL(adminUrl).host}: ${error.message}. ${connectionHint}`;
  return new Refusal('postgres_unreachable', message, { cause: error });
}
