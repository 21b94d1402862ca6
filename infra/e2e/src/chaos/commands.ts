// What the users of the storm ask for, and what became of it. One command is sent, with one key, until the answer is
// definite; to either api process in turn, past the edge.
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';

export const actions = [
  'create',
  'create-off',
  'update',
  'update-restart',
  'start',
  'stop',
  'restart',
  'delete',
] as const;
export type Action = (typeof actions)[number];

export interface Command {
  readonly podId: string;
  readonly action: Action;
  readonly key: string;
}

export interface Outcome {
  readonly command: Command;
  readonly status: number;
  /** The event's version by the answer's ETag; undefined when the command was refused. */
  readonly version: number | undefined;
  /** An attempt before the last got no definite answer and may have been carried out. */
  readonly uncertainBefore: boolean;
  readonly answer: string;
}

export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly text: string;
}

/** How long a command or a question may take to get its definite answer, however many processes die meanwhile. */
const patienceMs = 60_000;

export interface DirectClient {
  /** Sends a command; `first` is the process that is asked first. @throws when there is no definite answer in time. */
  readonly send: (command: Command, first: 0 | 1) => Promise<Outcome>;
  /** Reads a pod as one process shows it, or the other when that one is not there. */
  readonly read: (podId: string, first: 0 | 1) => Promise<Answer>;
}

export interface DirectClientOptions {
  readonly urls: readonly [string, string];
  /** Host name of the tenant, with port: api tells tenants apart by it. */
  readonly host: string;
  readonly token: string;
  /** Text of commands' pods. */
  readonly image: string;
}

/** A user's way to both api processes. */
export function openDirectClient(options: DirectClientOptions): DirectClient {
  const { urls } = options;
  return {
    send: async (command, first) => {
      const request = requestOf(command, options.image);
      const { answer, uncertainBefore } = await untilDefinite(options, urls[first], request);
      const version = answer.status === 200 ? Number(answer.etag?.replaceAll('"', '')) : undefined;
      return { command, status: answer.status, version, uncertainBefore, answer: answer.text };
    },
    read: async (podId, first) => {
      const request: Request = { method: 'GET', path: `/pods/${podId}`, body: undefined, key: undefined };
      return (await untilDefinite(options, urls[first], request)).answer;
    },
  };
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body: object | undefined;
  readonly key: string | undefined;
}

function requestOf({ podId, action, key }: Command, image: string): Request {
  const path = `/pods/${podId}`;
  switch (action) {
    case 'create':
    case 'create-off': {
      const wanted = action === 'create' ? 'ON' : 'OFF';
      return {
        method: 'POST',
        path: '/pods',
        body: { pod_id: podId, image, description: key, status_requested: wanted },
        key,
      };
    }
    case 'update':
      return { method: 'PUT', path, body: { description: key }, key };
    case 'update-restart':
      return { method: 'PUT', path, body: { description: key, status_requested: 'RESTART' }, key };
    case 'start':
    case 'stop':
    case 'restart':
      return { method: 'GET', path: `${path}/${action}`, body: undefined, key };
    case 'delete':
      return { method: 'DELETE', path, body: undefined, key };
  }
}

/** The id under which a command stands in the history as the cause of its event. */
export function commandIdOf({ podId, action, key }: Command, by: { tenant: string; user: string }): string {
  const { method, path } = requestOf({ podId, action, key }, '');
  const route = `${method} ${path.replace(podId, '{pod_id}')}`;
  return createHash('sha256')
    .update(JSON.stringify([by.tenant, by.user, route, podId, key]))
    .digest('hex');
}

async function untilDefinite(
  options: DirectClientOptions,
  first: string,
  request: Request,
): Promise<{ readonly answer: Answer; readonly uncertainBefore: boolean }> {
  const deadline = performance.now() + patienceMs;
  const [one, other] = options.urls;
  let url = first;
  let uncertainBefore = false;
  for (;;) {
    const answer = await attempt(url, request, options).catch((error: unknown) => String(error));
    if (typeof answer !== 'string' && answer.status !== 503) return { answer, uncertainBefore };
    const isRefusedConnection = typeof answer === 'string' && answer.includes('ECONNREFUSED');
    uncertainBefore ||= !isRefusedConnection;
    if (performance.now() >= deadline) {
      const last = typeof answer === 'string' ? answer : answer.text;
      throw new Error(`${request.method} ${request.path} (${request.key ?? ''}): no definite answer, at last: ${last}`);
    }
    url = url === one ? other : one;
    await delay(50);
  }
}

/** One attempt over a connection of its own, so that it ends with the process that it was made to. */
async function attempt(
  url: string,
  { method, path, body, key }: Request,
  options: DirectClientOptions,
): Promise<Answer> {
  const client = new Client(url, { headersTimeout: 15_000, bodyTimeout: 15_000 });
  try {
    const reply = await client.request({
      method,
      path: `/v3${path}`,
      headers: {
        host: options.host,
        'x-tapis-token': options.token,
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const { etag } = reply.headers;
    return {
      status: reply.statusCode,
      etag: typeof etag === 'string' ? etag : undefined,
      text: await reply.body.text(),
    };
  } finally {
    await client.destroy();
  }
}
