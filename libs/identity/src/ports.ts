// What this library asks of its surroundings.

/** The part of a structured logger that is used here. */
export interface IdentityLog {
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

/** Milliseconds since 1970. */
export type Clock = () => number;

/** The tenants or the keys to judge a token by are not known and cannot be fetched now. */
export class IdentityUnavailableError extends Error {
  override readonly name = 'IdentityUnavailableError';
  readonly code = 'identity_unavailable';
  readonly retryable = true;
}
