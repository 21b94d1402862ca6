// The reply envelope of the REST API (pods-api.md 1.3, 1.4). No I/O.

/** Every JSON reply of the API but the proxy configuration has this shape. */
export interface Envelope<Result> {
  readonly message: string | readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly result: Result;
  readonly status: 'success' | 'error';
  readonly version: string;
}

/** A successful reply; `metadata` is always an object. */
export function success<Result>(
  version: string,
  message: string,
  result: Result,
  metadata: Readonly<Record<string, unknown>> = {},
): Envelope<Result> {
  return { message, metadata, result, status: 'success', version };
}

/** An error reply; `message` is an array of texts for field errors and one text otherwise. */
export function failure(
  version: string,
  message: string | readonly string[],
  metadata: Readonly<Record<string, unknown>> = {},
): Envelope<null> {
  return { message, metadata, result: null, status: 'error', version };
}
