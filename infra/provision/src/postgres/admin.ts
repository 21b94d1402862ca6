// Connections for setting up: one at a time, with deadlines, always ended.
import { Client, DatabaseError } from 'pg';

/** A role with its password. */
export interface PostgresRole {
  readonly name: string;
  readonly password: string;
}

/** No connection came about, for a reason that is not the server's refusal. Waiting or another address may help. */
export class PostgresUnreachableError extends Error {
  override readonly name = 'PostgresUnreachableError';
  readonly code = 'postgres_unreachable';
  readonly retryable = true;
}

/** Connects, works, and ends the connection however that went. @throws PostgresUnreachableError, and the driver's errors */
export async function asAdmin<T>(url: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 30_000 });
  admin.on('error', () => undefined);
  try {
    await open(admin);
    return await work(admin);
  } finally {
    await admin.end();
  }
}

async function open(admin: Client): Promise<void> {
  try {
    await admin.connect();
  } catch (error) {
    if (error instanceof DatabaseError || !(error instanceof Error)) throw error;
    // Where a name has several addresses, the error is a list of errors without a message of its own.
    const reason = error.message === '' && 'code' in error ? String(error.code) : error.message;
    throw new PostgresUnreachableError(reason, { cause: error });
  }
}

/** The same server, another database and, where given, another role. */
export function urlFor(adminUrl: string, database: string, role?: PostgresRole): string {
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  if (role !== undefined) {
    url.username = encodeURIComponent(role.name);
    url.password = encodeURIComponent(role.password);
  }
  return url.href;
}
