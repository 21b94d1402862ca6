// What a command has to say in the end, and how it refuses. No I/O.

/** The result of a command: for people and for scripts. */
export interface Report {
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
  /** False: a comparison found something that is not as wanted. */
  readonly settled: boolean;
}

/** Why a command could not do its work, for people, with a stable code. Holds no secret. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, more: { readonly cause?: unknown; readonly details?: object } = {}) {
    super(message, { cause: more.cause });
    this.code = code;
    this.details = { ...more.details };
  }
}

/** What to look at when a server cannot be reached. */
export const connectionHint =
  'Is the address right, does the server run, and is its certificate from an authority that NODE_EXTRA_CA_CERTS names?';

/** Whether an error comes from the network or from TLS, and not from our code: those of Node itself begin with ERR_. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return /^[A-Z][A-Z_]+$/.test(error.code) && (!error.code.startsWith('ERR_') || error.code.startsWith('ERR_TLS_'));
}
