// A user's view of the platform: HTTPS through the edge, with a token from the identity service. Names under
// `.localhost` are resolved to the loopback address, as browsers and curl do.
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, fetch } from 'undici';
import { z } from 'zod';

const toLoopback: LookupFunction = (_host, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

export interface Reply {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly text: string;
}

/** One request over the edge, certificate checked against the platform's own authority. */
export type Requester = (url: string, init?: RequestInit) => Promise<Reply>;

export interface RequestInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What connects to the edge as a user's machine does, certificate checked against the platform's own authority. */
export function edgeDispatcher(caFile: string): Dispatcher {
  return new Agent({ connect: { ca: readFileSync(caFile), lookup: toLoopback }, headersTimeout: 20_000 });
}

export function openRequester(caFile: string): Requester {
  const dispatcher = edgeDispatcher(caFile);
  return async (url, init = {}) => {
    const reply = await fetch(url, { ...init, dispatcher });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  };
}

const podSchema = z.looseObject({
  pod_id: z.string(),
  status: z.string(),
  status_requested: z.string(),
  status_container: z.record(z.string(), z.unknown()),
  networking: z.record(z.string(), z.looseObject({ url: z.string(), port: z.number() })),
  start_instance_ts: z.string().nullable(),
  time_to_stop_ts: z.string().nullable(),
});
export type PodReply = z.infer<typeof podSchema>;

const envelope = <Result extends z.ZodType>(result: Result) =>
  z.object({
    message: z.unknown(),
    metadata: z.record(z.string(), z.unknown()),
    result,
    status: z.string(),
    version: z.string(),
  });

const tokenSchema = envelope(z.looseObject({ access_token: z.looseObject({ access_token: z.string() }) }));
const podEnvelope = envelope(podSchema);
const podsEnvelope = envelope(z.array(podSchema));
const logsEnvelope = envelope(z.object({ logs: z.string(), action_logs: z.array(z.string()) }));

export class UnexpectedReplyError extends Error {
  override readonly name = 'UnexpectedReplyError';
  readonly reply: Reply;
  constructor(what: string, reply: Reply) {
    super(`${what}: ${reply.status} ${reply.text.slice(0, 500)}`);
    this.reply = reply;
  }
}

export interface ApiClient {
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Reply>;
  readonly create: (pod: Readonly<Record<string, unknown>>) => Promise<PodReply>;
  readonly get: (podId: string) => Promise<PodReply>;
  readonly list: () => Promise<readonly PodReply[]>;
  readonly update: (podId: string, changes: Readonly<Record<string, unknown>>) => Promise<PodReply>;
  readonly act: (podId: string, action: 'start' | 'stop' | 'restart') => Promise<PodReply>;
  readonly logs: (podId: string) => Promise<{ readonly logs: string; readonly action_logs: readonly string[] }>;
  readonly remove: (podId: string) => Promise<void>;
  readonly token: string;
}

/** Logs a user in at a tenant. `baseUrl` has no trailing slash. */
export async function logIn(
  request: Requester,
  baseUrl: string,
  user: { readonly username: string; readonly password: string },
): Promise<ApiClient> {
  const tokenReply = await request(`${baseUrl}/v3/oauth2/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...user, grant_type: 'password' }),
  });
  const token = read(tokenSchema, 'token', tokenReply).result.access_token.access_token;
  const call: ApiClient['call'] = (method, path, body, headers = {}) =>
    request(`${baseUrl}/v3${path}`, {
      method,
      headers: {
        'X-Tapis-Token': token,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const pod = async (method: string, path: string, body?: unknown): Promise<PodReply> =>
    read(podEnvelope, `${method} ${path}`, await call(method, path, body)).result;
  return {
    call,
    token,
    create: (definition) => pod('POST', '/pods', definition),
    get: (podId) => pod('GET', `/pods/${podId}`),
    list: async () => read(podsEnvelope, 'list', await call('GET', '/pods')).result,
    update: (podId, changes) => pod('PUT', `/pods/${podId}`, changes),
    act: (podId, action) => pod('GET', `/pods/${podId}/${action}`),
    logs: async (podId) => read(logsEnvelope, 'logs', await call('GET', `/pods/${podId}/logs`)).result,
    remove: async (podId) => {
      const reply = await call('DELETE', `/pods/${podId}`);
      if (reply.status !== 200) throw new UnexpectedReplyError('delete', reply);
    },
  };
}

function read<Schema extends z.ZodType>(schema: Schema, what: string, reply: Reply): z.infer<Schema> {
  if (reply.status !== 200 && reply.status !== 201) throw new UnexpectedReplyError(what, reply);
  return schema.parse(JSON.parse(reply.text));
}
