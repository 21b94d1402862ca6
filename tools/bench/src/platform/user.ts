// A user of a running platform whose requests cost as little as possible: connections are kept, answers are read by the
// one field that is waited for. What is measured begins and ends here, on this process's clock.
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { objectName } from '@pods/kube';
import type { PlatformInfo } from '@pods/testing/servers';
import { Agent, Pool } from 'undici';
import { z } from 'zod';

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export interface User {
  /** An id that no earlier run has used: what one that was ended has left is in nobody's way. */
  readonly podId: (name: string) => string;
  /** The name of a pod's Pod in the cluster. */
  readonly objectName: (podId: string) => string;
  /** Asks for a pod. @throws Error unless it is accepted. */
  readonly create: (podId: string) => Promise<void>;
  /** The pod's status word. */
  readonly status: (podId: string) => Promise<string>;
  /** Asks until the pod has this status. @throws Error after a minute, or when the pod is in ERROR. */
  readonly whenStatus: (podId: string, wanted: string, pauseMs: number) => Promise<void>;
  /** The ids of all pods of the tenant that are AVAILABLE. */
  readonly available: () => Promise<ReadonlySet<string>>;
  /** Deletes the pod; what is in the cluster goes afterwards. */
  readonly remove: (podId: string) => Promise<void>;
  /** The first page of the pod's default address, through the edge. */
  readonly visit: (podId: string) => Promise<Reply>;
  readonly close: () => Promise<void>;
}

const toLoopback: LookupFunction = (_host, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};
const tokenReply = z.object({ result: z.object({ access_token: z.object({ access_token: z.string() }) }) });
const podReply = z.object({ result: z.looseObject({ status: z.string() }) });
const podsReply = z.object({ result: z.array(z.looseObject({ pod_id: z.string(), status: z.string() })) });
const statusPatienceMs = 60_000;

/** Signs ada in at the tenant `dev`. Requests go to the api process itself, pages through the edge. */
export async function signIn(info: PlatformInfo): Promise<User> {
  const tenant = info.tenants.find(({ tenantId }) => tenantId === 'dev');
  if (tenant === undefined) throw new Error('the platform has no tenant dev');
  const { host } = tenant;
  const edge = new Agent({ connect: { ca: await readFile(info.caFile), lookup: toLoopback } });
  const api = new Pool(info.apiUrl, { connections: 32, pipelining: 1 });
  const token = await tokenOf(edge, `https://${host}:${info.edgePort}`);
  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Reply> => {
    const reply = await api.request({
      method,
      path: `/v3${path}`,
      headers: { host: `${host}:${info.edgePort}`, 'x-tapis-token': token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return expectOk(`${method} ${path}`, { status: reply.statusCode, text: await reply.body.text() });
  };
  const run = Date.now().toString(36);
  const status: User['status'] = async (podId) =>
    podReply.parse(JSON.parse((await call('GET', `/pods/${podId}`)).text)).result.status;
  return {
    podId: (name) => `bench${run}${name}`,
    objectName: (podId) => objectName({ installation: '', site: info.site, tenant: tenant.tenantId, podId }),
    create: async (podId) => {
      await call('POST', '/pods', { pod_id: podId, image });
    },
    status,
    whenStatus: async (podId, wanted, pauseMs) => {
      const deadline = performance.now() + statusPatienceMs;
      for (;;) {
        const found = await status(podId);
        if (found === wanted) return;
        if (found === 'ERROR' || performance.now() > deadline) throw new Error(`${podId} is ${found}, not ${wanted}`);
        await delay(pauseMs);
      }
    },
    available: async () => {
      const pods = podsReply.parse(JSON.parse((await call('GET', '/pods')).text)).result;
      return new Set(pods.filter(({ status: word }) => word === 'AVAILABLE').map(({ pod_id: podId }) => podId));
    },
    remove: async (podId) => {
      await call('DELETE', `/pods/${podId}`);
    },
    visit: async (podId) => {
      const origin = `https://${podId}.pods.${host}:${info.edgePort}`;
      const reply = await edge.request({ origin, method: 'GET', path: '/' });
      return { status: reply.statusCode, text: await reply.body.text() };
    },
    close: async () => {
      await Promise.all([edge.close(), api.close()]);
    },
  };
}

/** A web server that starts in a moment and is on this machine already. */
const image = 'pods.local/webpage:1';

async function tokenOf(edge: Agent, origin: string): Promise<string> {
  const reply = await edge.request({
    origin,
    method: 'POST',
    path: '/v3/oauth2/tokens',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ada', password: 'ada-dev', grant_type: 'password' }),
  });
  const { text } = expectOk('signing in', { status: reply.statusCode, text: await reply.body.text() });
  return tokenReply.parse(JSON.parse(text)).result.access_token.access_token;
}

function expectOk(what: string, reply: Reply): Reply {
  if (reply.status >= 200 && reply.status < 300) return reply;
  throw new Error(`${what}: ${reply.status} ${reply.text.slice(0, 500)}`);
}
