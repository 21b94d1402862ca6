// Asks whether an HTTP endpoint is well. Loopback only, short deadlines.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';

/** What a probe may need: a client certificate, the authority of the server, more headers, a body. */
export type ProbeOptions = {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that is asked for, where the address does not say it; also sent as Host. */
  readonly servername?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  readonly body?: string;
  readonly timeoutMs?: number;
  /** The server's certificate is self-signed and is not checked: for loopback health endpoints only. */
  readonly unverified?: boolean;
  readonly signal?: AbortSignal;
};

/** An answer: its status and its whole body. */
export type ProbeAnswer = { readonly status: number; readonly body: string };

/** An answer that was not 2xx. */
export class ProbeError extends Error {
  readonly status: number;
  readonly body: string;

  constructor(url: string, { status, body }: ProbeAnswer) {
    super(`${url} answered ${status}: ${body.trim().slice(0, 400)}`);
    this.name = 'ProbeError';
    this.status = status;
    this.body = body;
  }
}

const TIMEOUT_MS = 5_000;

const optionsOf = (given: ProbeOptions): RequestOptions => {
  const {
    ca,
    cert,
    key,
    servername,
    headers = {},
    method = 'GET',
    unverified = false,
    timeoutMs = TIMEOUT_MS,
    signal,
  } = given;
  const deadline = AbortSignal.timeout(timeoutMs);
  return {
    method,
    headers: { ...headers, ...(servername === undefined ? {} : { host: servername }) },
    // One connection each: a kept one would outlive a restart of the other end.
    agent: false,
    rejectUnauthorized: !unverified,
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername: servername.replace(/:\d+$/, '') }),
  };
};

/**
 * The answer of an endpoint, whatever its status.
 * @throws Error of Node's when there is no answer.
 */
export const ask = async (url: string, options: ProbeOptions = {}): Promise<ProbeAnswer> => {
  const { promise, resolve, reject } = Promise.withResolvers<ProbeAnswer>();
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const request = send(url, optionsOf(options), (response) => {
    text(response).then((body) => {
      resolve({ status: response.statusCode ?? 0, body });
    }, reject);
  });
  request.on('error', reject);
  request.end(options.body);
  return await promise;
};

/**
 * The body of a 2xx answer.
 * @throws ProbeError for any other answer.
 */
export const probe = async (url: string, options: ProbeOptions = {}): Promise<string> => {
  const answer = await ask(url, options);
  if (answer.status < 200 || answer.status > 299) throw new ProbeError(url, answer);
  return answer.body;
};
