// Pages of other origins that may use the API (pods-api.md 1.1): preflights, answered before anything is asked of the
// caller, and the headers of every answer. Without origins in the settings there is no CORS at all.

const methods = 'GET, POST, PUT, DELETE';
const requestHeaders = 'X-Tapis-Token, Content-Type, If-Match, Idempotency-Key, X-Pods-Admin';
const exposedHeaders = 'ETag';
/** Seconds for which a browser remembers a preflight. */
const maxAge = '600';

type Headers = Readonly<Record<string, string>>;

/** What CORS adds to an answer. */
export interface CorsAnswer {
  /** On every answer; empty where CORS is off. */
  readonly headers: Headers;
  /** The headers of the answer to a preflight of an allowed origin; undefined for all other requests. */
  readonly preflight: Headers | undefined;
}

interface CorsRequest {
  readonly method: string;
  readonly header: (name: string) => string | undefined;
}

/** By the exact `origins` that the installation allows. */
export function corsOf(request: CorsRequest, origins: readonly string[]): CorsAnswer {
  if (origins.length === 0) return { headers: {}, preflight: undefined };
  const origin = request.header('origin');
  // Also where no origin was sent: a cache must not give that answer to a page.
  if (origin === undefined || !origins.includes(origin)) return { headers: { Vary: 'Origin' }, preflight: undefined };
  const allowed = {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
  };
  if (request.method !== 'OPTIONS' || request.header('access-control-request-method') === undefined) {
    return { headers: { ...allowed, 'Access-Control-Expose-Headers': exposedHeaders }, preflight: undefined };
  }
  return {
    headers: {},
    preflight: {
      ...allowed,
      'Access-Control-Allow-Methods': methods,
      'Access-Control-Allow-Headers': requestHeaders,
      'Access-Control-Max-Age': maxAge,
    },
  };
}
