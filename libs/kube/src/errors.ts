// What can go wrong between us and an API server, as one typed error.

/** `Unavailable`: not reached, not answered in time, overloaded, or failing inside; the outcome may be unknown. */
export type KubeErrorCode =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Forbidden'
  | 'Unauthorized'
  | 'Invalid'
  | 'TooLarge'
  | 'Gone'
  | 'Unavailable'
  | 'Unexpected';

/** Codes that may go away by themselves. */
const retryableCodes: ReadonlySet<KubeErrorCode> = new Set(['Unavailable', 'Conflict', 'Gone']);

export interface KubeErrorDetails {
  /** HTTP status; undefined when there was no answer. */
  readonly status?: number | undefined;
  /** The reason word of the server's Status object. */
  readonly reason?: string | undefined;
  /** How long the server asks to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** An API server's refusal, or its silence. The message is the server's own text and holds no secret. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.retryable = retryableCodes.has(code);
    this.status = details.status;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The part of a Status object that is used. */
export interface StatusObject {
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** The error for an answer that is not 2xx; the body is the server's Status object where it sent one. */
export function errorOfAnswer(status: number, body: string, retryAfter: string | null): KubeError {
  const parsed = parseStatus(body);
  const seconds = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  return new KubeError(codeOf(status, parsed?.reason), parsed?.message ?? `the API server answered ${status}`, {
    status,
    reason: parsed?.reason,
    retryAfterMs: seconds === undefined ? undefined : seconds * 1000,
  });
}

/** The error for a Status object inside a watch. */
export function errorOfStatus(status: StatusObject): KubeError {
  const code = status.code ?? 500;
  return new KubeError(codeOf(code, status.reason), status.message ?? `the watch ended with ${code}`, {
    status: code,
    reason: status.reason,
  });
}

function codeOf(status: number, reason: string | undefined): KubeErrorCode {
  if (status === 409) return reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict';
  // 504 with this reason is what an expired `resourceVersion` can give instead of 410.
  if (status === 410 || reason === 'Expired') return 'Gone';
  if (status === 429 || status >= 500) return 'Unavailable';
  return refusals[status] ?? 'Unexpected';
}

const refusals: Readonly<Record<number, KubeErrorCode>> = {
  400: 'Invalid',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  413: 'TooLarge',
  415: 'Invalid',
  422: 'Invalid',
};

function parseStatus(body: string): StatusObject | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const text = (key: string): string | undefined => {
      const value: unknown = Reflect.get(parsed, key);
      return typeof value === 'string' ? value : undefined;
    };
    return { reason: text('reason'), message: text('message') };
  } catch {
    return undefined;
  }
}
