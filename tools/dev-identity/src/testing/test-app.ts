// For specs: the application in a scratch state folder, with a clock that stands still, and requests to it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@pods/service';
import { manualClock, type ManualClock } from '@pods/service/testing';
import type { Hono } from 'hono';
import { createApp } from '../app.ts';
import { parseIdentityFile, type IdentityFile } from '../directory/identity-file.ts';

const shippedFile = join(import.meta.dirname, '..', '..', 'identity.yaml');

/** The identity file that the project ships. */
export async function shippedIdentities(): Promise<IdentityFile> {
  return parseIdentityFile(await readFile(shippedFile, 'utf8'), { EDGE_PORT: '8443', PODS_SITE: 'local' });
}

export interface TestApp {
  readonly app: Hono;
  readonly clock: ManualClock;
  readonly stateDir: string;
  /** The same state folder opened by a new process. */
  readonly restart: () => Promise<Hono>;
  readonly remove: () => Promise<void>;
}

export async function createTestApp(): Promise<TestApp> {
  const stateDir = await mkdtemp(join(tmpdir(), 'dev-identity-spec-'));
  const clock = manualClock();
  const file = await shippedIdentities();
  const log = createLogger({ app: 'dev-identity', level: 'silent' });
  const lifeMs = { access: 14_400_000, refresh: 86_400_000 };
  const start = async (): Promise<Hono> => await createApp({ file, stateDir, lifeMs, clock, log });
  return {
    app: await start(),
    clock,
    stateDir,
    restart: start,
    remove: async () => {
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

export const devHost = 'dev.pods.localhost:8443';
export const labHost = 'lab.pods.localhost:8443';

export interface Send {
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
}

/** One request; POST when it has a body and no method. */
export async function send(app: Hono, path: string, options: Send = {}): Promise<Response> {
  const { host = devHost, json, form } = options;
  const headers = new Headers({ host, ...options.headers });
  const body = json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json);
  if (json !== undefined) headers.set('content-type', 'application/json');
  if (form !== undefined) headers.set('content-type', 'application/x-www-form-urlencoded');
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  return await app.request(`https://${host}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** HTTP Basic. */
export function basic(id: string, key: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}` };
}

export interface Reply {
  readonly status: number;
  readonly message: string;
  readonly result: unknown;
}

/** The envelope of a JSON answer. */
export async function replyOf(response: Response): Promise<Reply> {
  const body: unknown = await response.json();
  if (!isRecord(body) || typeof body['message'] !== 'string') throw new TypeError('the answer has no envelope');
  return { status: response.status, message: body['message'], result: body['result'] };
}

/** The text at a path of nested objects. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), value);
  if (typeof found !== 'string') throw new TypeError(`there is no text at ${path.join('.')}`);
  return found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** An access token of a user by password. */
export async function tokenOf(app: Hono, username: string, host = devHost): Promise<string> {
  const json = { grant_type: 'password', username, password: `${username}-dev` };
  const { result } = await replyOf(await send(app, '/v3/oauth2/tokens', { host, json }));
  return textAt(result, 'access_token', 'access_token');
}
