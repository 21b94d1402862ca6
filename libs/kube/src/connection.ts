// One connection to one API server: kubeconfig, credentials, deadlines. Everything else here talks through it.
// The generated client is not used for calls, see README.md: it ignores `signal` and opens a TLS connection each time.
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { buildConnector, Dispatcher } from 'undici';
import { Agent, fetch, ProxyAgent } from 'undici';
import { errorOfAnswer, KubeError } from './errors.ts';

/** One HTTP request to the API server. */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  /** The answer goes on until somebody ends it (a watch, a log that is followed): it gets a connection of its own. */
  readonly endless?: boolean | undefined;
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
  if (server === undefined) {
    throw new Error(`${kubeconfigFile} has no current context: set one with kubectl config use-context`);
  }
  let dispatchers: Dispatchers | undefined;
  return {
    server,
    send: async (request) => {
      const credentials: RequestOptions = {};
      try {
        // Asked each time: a token may come from a file or a program and change.
        await config.applyToHTTPSOptions(credentials);
        dispatchers ??= createDispatchers(config, credentials);
        const dispatcher = request.endless === true ? dispatchers.endless : dispatchers.calls;
        return await send({ server, dispatcher, credentials }, request);
      } catch (error) {
        throw translate(error, server, request.signal);
      }
    },
  };
}

/** Pools of connections, kept: the client's own makes a new one for each request. */
interface Dispatchers {
  readonly calls: Dispatcher;
  readonly endless: Dispatcher;
}

/**
 * Connections for calls. A greeting costs both sides several times what a call does, so a burst of calls waits for these
 * rather than open one each.
 */
const callConnectionsMax = 8;
/** Shorter than the 90 s after which an API server ends an idle connection. */
const keepAliveMs = 60_000;

function createDispatchers(config: KubeConfig, credentials: RequestOptions): Dispatchers {
  const create = dispatcherFactory(config, credentials);
  return {
    calls: create({ connections: callConnectionsMax, keepAliveTimeout: keepAliveMs }),
    endless: create({ keepAliveTimeout: keepAliveMs }),
  };
}

type PoolOptions = Pick<Agent.Options, 'connections' | 'keepAliveTimeout'>;

function dispatcherFactory(config: KubeConfig, credentials: RequestOptions): (options: PoolOptions) => Dispatcher {
  const proxy = config.getCurrentCluster()?.proxyUrl;
  const tls = tlsOf(credentials);
  // HTTP/1.1: a connection that died without a word takes its own requests with it, not all that share it.
  if (proxy === undefined) return (options) => new Agent({ ...options, connect: tls, allowH2: false });
  if (proxy.startsWith('socks')) throw new Error('a SOCKS proxy in a kubeconfig is not supported: use an HTTP proxy');
  return (options) => new ProxyAgent({ ...options, uri: proxy, requestTls: tls, allowH2: false });
}

function tlsOf(credentials: RequestOptions): buildConnector.BuildOptions {
  const { ca, cert, key, rejectUnauthorized, servername } = credentials;
  return {
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(servername === undefined ? {} : { servername }),
  };
}

interface Target {
  readonly server: string;
  readonly dispatcher: Dispatcher;
  readonly credentials: RequestOptions;
}

async function send(target: Target, request: KubeRequest): Promise<KubeAnswer> {
  const url = new URL(target.server + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const answer = await fetch(url, {
    method: request.method,
    headers: headersOf(request, target.credentials),
    signal: request.signal,
    dispatcher: target.dispatcher,
    ...bodyOf(request),
  });
  if (answer.ok) return answer;
  throw errorOfAnswer(answer.status, await answer.text(), answer.headers.get('retry-after'));
}

function headersOf(request: KubeRequest, { headers = {}, auth }: RequestOptions): Record<string, string> {
  const authentication = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return {
    ...Object.fromEntries(authentication),
    ...(typeof auth === 'string' ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}),
    accept: request.accept ?? 'application/json',
    ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
  };
}

function bodyOf(request: KubeRequest): { readonly body?: string } {
  return request.body === undefined ? {} : { body: JSON.stringify(request.body) };
}

/** What a failed call means: our own deadline or a lost connection is `Unavailable`, a caller's abort stays what it is. */
export function translate(error: unknown, server: string, signal: AbortSignal): unknown {
  if (error instanceof KubeError) return error;
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  if (signal.aborted && !timedOut) return error;
  const why = timedOut ? 'did not answer in time' : 'could not be reached';
  return new KubeError('Unavailable', `the API server ${server} ${why}`, { cause: error });
}
