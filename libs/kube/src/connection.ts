// One connection to one API server: kubeconfig, credentials, deadlines. Everything else here talks through it.
// The generated client is not used for calls: it ignores `signal`, so that a deadline needs a middleware of
// its own observables, and what it reads from a watch has other types than what it reads from a list.
import { HttpMethod, KubeConfig, RequestContext } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { fetch } from 'undici';
import { errorOfAnswer, KubeError } from './errors.ts';

/** One HTTP request to the API server. */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  /** Ends the request, at any time. */
  readonly signal: AbortSignal;
}

/** The answer's head; its body is still to be read. */
export type KubeAnswer = Awaited<ReturnType<typeof fetch>>;

export interface KubeConnection {
  /** Address of the API server, for messages. */
  readonly server: string;
  /**
   * Sends a request and gives the answer once its head is there and says 2xx.
   * @throws KubeError; what `signal` was aborted with, when it was.
   */
  readonly send: (request: KubeRequest) => Promise<KubeAnswer>;
}

/** Opens the current context of a kubeconfig file. @throws Error when the file has no usable context. */
export function connect(kubeconfigFile: string): KubeConnection {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigFile);
  const server = config.getCurrentCluster()?.server.replace(/\/+$/, '');
  if (server === undefined)
    throw new Error(`${kubeconfigFile} has no current context: set one with kubectl config use-context`);
  return { server, send: (request) => send(config, server, request) };
}

async function send(config: KubeConfig, server: string, request: KubeRequest): Promise<KubeAnswer> {
  const url = new URL(server + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const context = new RequestContext(url.toString(), HttpMethod.GET);
  try {
    await config.applySecurityAuthentication(context);
    const answer = await fetch(url, {
      method: request.method,
      headers: headersOf(request, context.getHeaders()),
      signal: request.signal,
      ...bodyOf(request),
      ...dispatcherOf(context),
    });
    if (answer.ok) return answer;
    throw errorOfAnswer(answer.status, await answer.text(), answer.headers.get('retry-after'));
  } catch (error) {
    throw translate(error, server, request.signal);
  }
}

function headersOf(request: KubeRequest, authentication: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...authentication,
    accept: request.accept ?? 'application/json',
    ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
  };
}

function bodyOf(request: KubeRequest): { readonly body?: string } {
  return request.body === undefined ? {} : { body: JSON.stringify(request.body) };
}

function dispatcherOf(context: RequestContext): { readonly dispatcher?: Dispatcher } {
  const dispatcher = context.getDispatcher();
  return dispatcher === undefined ? {} : { dispatcher };
}

/** What a failed call means: our own deadline or a lost connection is `Unavailable`, a caller's abort stays what it is. */
export function translate(error: unknown, server: string, signal: AbortSignal): unknown {
  if (error instanceof KubeError) return error;
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  if (signal.aborted && !timedOut) return error;
  const why = timedOut ? 'did not answer in time' : 'could not be reached';
  return new KubeError('Unavailable', `the API server ${server} ${why}`, { cause: error });
}
