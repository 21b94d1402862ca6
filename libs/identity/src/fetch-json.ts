// One GET of a JSON document with a deadline.

export interface FetchJsonOptions {
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is no 2xx. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;
  constructor(url: string, status: number) {
    super(`GET ${url} answered ${status}`);
    this.status = status;
  }
}

/** @throws HttpStatusError, a TypeError of fetch, a SyntaxError for what is no JSON, or a TimeoutError. */
export async function fetchJson(url: string, { timeoutMs, headers = {} }: FetchJsonOptions): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), headers });
  if (!response.ok) {
    await response.body?.cancel();
    throw new HttpStatusError(url, response.status);
  }
  const document: unknown = await response.json();
  return document;
}
