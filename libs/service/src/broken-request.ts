// Answers to what is no HTTP request: Node's parser or the adapter refuses it before any handler sees it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { RequestError } from '@hono/node-server';

/** Why a request could not be read. */
export interface BrokenRequest {
  readonly status: 400 | 408 | 413 | 431;
  /** For people: what to do. */
  readonly message: string;
}

/** A JSON document for a request that could not be read. */
export type DescribeBrokenRequest = (broken: BrokenRequest) => object;

const malformed: BrokenRequest = {
  status: 400,
  message: 'This is no HTTP request that can be read: check its method, path and headers.',
};

/** By Node's code of the error. */
const known: ReadonlyMap<string, BrokenRequest> = new Map<string, BrokenRequest>([
  [
    'HPE_HEADER_OVERFLOW',
    { status: 431, message: 'The path and the headers of the request are too large together. Shorten them.' },
  ],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { status: 413, message: 'The extensions of the chunks are too large.' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, message: 'The request did not arrive in time. Send it again.' }],
]);

/** Answers in JSON what Node would answer with a bare status line. */
export function answerBrokenRequests(server: Server, describe: DescribeBrokenRequest): void {
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    answering.set(request.socket, response);
    response.once('close', () => {
      if (answering.get(request.socket) === response) answering.delete(request.socket);
    });
  });
  server.on('clientError', (error, socket) => {
    // Into an answer that has begun nothing can be written, and to who is gone neither.
    const response = answering.get(socket);
    if (!socket.writable || (response?.headersSent === true && !response.writableEnded)) {
      socket.destroy();
      return;
    }
    const broken = known.get('code' in error ? String(error.code) : '') ?? malformed;
    socket.end(responseText(broken, describe));
  });
}

/** The answer to what the adapter finds no request in (no host, a bad one); an empty 500 for what a handler threw. */
export function brokenRequestResponse(error: unknown, describe: DescribeBrokenRequest): Response {
  if (!(error instanceof RequestError)) return new Response(null, { status: 500 });
  return new Response(JSON.stringify(describe(malformed)), { status: malformed.status, headers: commonHeaders });
}

const commonHeaders = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };

function responseText(broken: BrokenRequest, describe: DescribeBrokenRequest): string {
  const body = JSON.stringify(describe(broken));
  return [
    `HTTP/1.1 ${broken.status} ${STATUS_CODES[broken.status] ?? ''}`,
    'Connection: close',
    ...Object.entries(commonHeaders).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
