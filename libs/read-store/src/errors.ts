// What an error of the database driver means for a caller: whether waiting helps.
import { DatabaseError } from 'pg';

/** The database cannot be reached, or is not ready for us. Trying again makes sense, however long it takes. */
export class ReadStoreUnavailableError extends Error {
  override readonly name = 'ReadStoreUnavailableError';
  readonly code = 'read_store_unavailable';
  readonly retryable = true;
}

/**
 * Everything but a fault of the data is a wait: no connection, a server that starts or stops, missing tables or rights
 * that somebody is about to set up. SQLSTATE classes 22 and 23 are data that the table refuses.
 */
export function typedError(error: unknown): unknown {
  const isDataFault = error instanceof DatabaseError && /^2[23]/.test(error.code ?? '');
  if (isDataFault) return error;
  return new ReadStoreUnavailableError(`the database cannot be used now: ${reasonOf(error)}`, { cause: error });
}

function reasonOf(error: unknown): string {
  if (error instanceof DatabaseError) return `SQLSTATE ${error.code ?? 'unknown'}`;
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.name : 'unknown';
}
