// One HTTP listener around a fetch function (hono's `app.fetch`): start, and a stop that lets requests finish.
import { createServer, type Server as HttpServer } from 'node:http';
import { getRequestListener, type HttpBindings, type Http2Bindings } from '@hono/node-server';
import { answerBrokenRequests, brokenRequestResponse, type DescribeBrokenRequest } from './broken-request.ts';

/** What a request handler is given besides the request: Node's own request and response. */
export type FetchBindings = HttpBindings | Http2Bindings;

export interface ServeHttpOptions {
  readonly fetch: (request: Request, env: FetchBindings) => Response | Promise<Response>;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** What is answered, as JSON, to what is no HTTP request; without it a bare status line is. */
  readonly describeBrokenRequest?: DescribeBrokenRequest;
}

export interface HttpListener {
  readonly host: string;
  /** The port that was bound. */
  readonly port: number;
  /**
   * Stops accepting, lets requests in flight finish for at most `deadlineMs` (10 s by default), then cuts what is left.
   * Handlers of endless responses must end them by themselves when the app stops.
   */
  readonly close: (deadlineMs?: number) => Promise<void>;
}

// Longer than proxies keep idle connections (Traefik: 90 s), or they would send into a connection that we just closed.
const keepAliveMs = 100_000;

/** Resolves when listening; rejects when the port cannot be bound. */
export async function serveHttp(options: ServeHttpOptions): Promise<HttpListener> {
  const { describeBrokenRequest: describe } = options;
  // The adapter's own Request and Response take the place of the global ones: with those of Node an answer of text goes out as
  // a stream, which takes a third of the time of a GET (docs/performance.md).
  const listener = getRequestListener(options.fetch, {
    hostname: options.host,
    ...(describe !== undefined && { errorHandler: (error: unknown) => brokenRequestResponse(error, describe) }),
  });
  const server = createServer((request, response) => void listener(request, response));
  server.keepAliveTimeout = keepAliveMs;
  if (describe !== undefined) answerBrokenRequests(server, describe);
  let closing = false;
  server.prependListener('request', (_request, response) => {
    // A kept-alive connection turns idle only after its response: without this, close() would wait for its timeout.
    response.once('close', () => {
      if (!closing) return;
      setImmediate(() => {
        server.closeIdleConnections();
      });
    });
  });
  await listen(server, options);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the listener has no port');
  return {
    host: options.host,
    port: address.port,
    close: async (deadlineMs = 10_000) => {
      closing = true;
      await closeWithin(server, deadlineMs);
    },
  };
}

async function listen(server: HttpServer, options: ServeHttpOptions): Promise<void> {
  const bound = Promise.withResolvers<void>();
  server.once('error', bound.reject);
  server.listen({ host: options.host, port: options.port }, bound.resolve);
  await bound.promise;
  server.off('error', bound.reject);
}

async function closeWithin(server: HttpServer, deadlineMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = Promise.withResolvers<void>();
  server.close(() => {
    closed.resolve();
  });
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, deadlineMs);
  await closed.promise;
  clearTimeout(cut);
}
