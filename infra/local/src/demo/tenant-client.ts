// A user of the platform: talks to a tenant's API and to pods through the edge, as a stranger's program would.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readIdentity, type Identity } from '../identity/identity-file.ts';
import { edgeAuthorityFile } from '../parts/edge.ts';
import type { Platform } from '../platform.ts';
import { ask, type ProbeAnswer, type ProbeOptions } from '../process/probe.ts';

/** Requests of one signed-in user. */
export type TenantClient = {
  readonly identity: Identity;
  /** A request to the API; `path` starts with `/v3`. */
  readonly api: (method: 'GET' | 'POST', path: string, body?: object) => Promise<ProbeAnswer>;
  /** A request to a pod's own address. */
  readonly pod: (podId: string, path: string) => Promise<ProbeAnswer>;
};

const tokenSchema = z.object({ result: z.object({ access_token: z.object({ access_token: z.string() }) }) });

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Signs in to the first tenant. @throws Error that quotes the refusal. */
export const signIn = async (platform: Platform, signal: AbortSignal): Promise<TenantClient> => {
  const identity = await readIdentity(platform.settings);
  const ca = await readFile(edgeAuthorityFile(platform), 'utf8');
  const { edge } = platform.settings.ports;
  const { host } = identity.tenants[0];
  // Names under .localhost are this machine, whatever the system's resolver says.
  const send = async (name: string, path: string, options: ProbeOptions): Promise<ProbeAnswer> =>
    await ask(`https://127.0.0.1:${edge}${path}`, {
      ca,
      servername: `${name}:${edge}`,
      signal,
      timeoutMs: 15_000,
      ...options,
    });
  const credentials = { username: identity.user.name, password: identity.user.password, grant_type: 'password' };
  const answer = await send(host, '/v3/oauth2/tokens', {
    method: 'POST',
    headers: JSON_HEADERS,
    body: JSON.stringify(credentials),
  });
  if (answer.status !== 200)
    throw new Error(
      `signing in as ${identity.user.name} was answered with ${answer.status}: ${answer.body.slice(0, 300)}`,
    );
  const token = tokenSchema.parse(JSON.parse(answer.body)).result.access_token.access_token;
  return {
    identity,
    api: async (method, path, body) =>
      await send(host, path, {
        method,
        headers: { 'x-tapis-token': token, ...(body === undefined ? {} : JSON_HEADERS) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    pod: async (podId, path) => await send(`${podId}.pods.${host}`, path, {}),
  };
};
