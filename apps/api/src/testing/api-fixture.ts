// The API for specs: the real application on the in-memory log and replica, with real tokens from a real identity server.
import { randomUUID } from 'node:crypto';
import type { ContainerViews, PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import type { Replica } from '@pods/event-store';
import { createPodWriter, decideAs } from '@pods/event-store';
import type { MemoryLog, MemoryLogOptions } from '@pods/event-store/testing';
import { createMemoryLog, createMemoryReplica } from '@pods/event-store/testing';
import { createAuthenticator, createRoles, createTenantDirectory, createTokenVerifier } from '@pods/identity';
import type { IdentityFixture } from '@pods/identity/testing';
import { startIdentityFixture } from '@pods/identity/testing';
import { createLogger } from '@pods/service';
import type { Api } from '../app.ts';
import { buildApi } from '../app.ts';
import { withinSize } from '../changes/definition-size.ts';
import { createLogRoom } from '../changes/log-room.ts';
import type { ApiDeps, ApiSettings } from '../deps.ts';
import { defaultResourceSettings } from '../requests/fields/resources.ts';

const devHost = 'dev.pods.test:8443';
const labHost = 'lab.pods.test:8443';

export interface ApiFixture {
  readonly identity: IdentityFixture;
  readonly log: MemoryLog;
  readonly replica: Replica<PodState>;
  readonly api: Api;
  /** Lines that were logged. */
  readonly logged: Record<string, unknown>[];
  /** What the application was built from, for one built otherwise. */
  readonly deps: ApiDeps;
  readonly containers: Map<string, ContainerViews>;
  readonly call: (path: string, options?: CallOptions) => Promise<Answer>;
  readonly stop: () => Promise<void>;
}

export interface CallOptions {
  readonly method?: string;
  /** A user of tenant dev; null for no token. `ada` by default. */
  readonly as?: string | null;
  readonly tenant?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly api?: Api;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; an empty object for a body that is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
}

const settings: ApiSettings = {
  version: '0.1.0',
  errorCodes: 'standard',
  statusWords: 'documented',
  limits: { resources: defaultResourceSettings, computeQueues: ['default'] },
  corsOrigins: [],
  visibleWithinMs: 1000,
};

/** Builds everything anew. */
export async function apiFixture(logOptions: MemoryLogOptions = {}): Promise<ApiFixture> {
  const identity = await startIdentityFixture([
    { tenantId: 'dev', baseUrl: `https://${devHost}` },
    { tenantId: 'lab', baseUrl: `https://${labHost}` },
  ]);
  const log = createMemoryLog(logOptions);
  const replica = createMemoryReplica(log, podAggregate);
  const logged: Record<string, unknown>[] = [];
  const containers = new Map<string, ContainerViews>();
  const destination = { write: (line: string): void => void logged.push(parse(line)) };
  const logger = createLogger({ app: 'api', level: 'info', destination });
  const clock = Date.now;
  const silent = { warn: (): void => {} };
  const tenants = createTenantDirectory({ url: identity.url, siteId: 'local', clock, log: silent });
  const tokens = createTokenVerifier({ tenants, clock });
  const deps: ApiDeps = {
    settings,
    authenticator: createAuthenticator({ tenants, tokens, siteId: 'local', internalHosts: ['localhost', '127.0.0.1'] }),
    roles: createRoles({ url: identity.url, adminRoles: ['pods_admin', 'PODS_ADMIN'], clock, log: silent }),
    pods: replica,
    write: createPodWriter({
      app: 'api',
      log,
      replica,
      aggregate: podAggregate,
      decide: decideAs('api', withinSize(podAggregate.decide)),
    }),
    log,
    hasRoom: createLogRoom(log, () => performance.now()),
    freshness: { isCurrent: () => true, mayShow: () => true, whenAllShow: async () => {} },
    containerStatus: ({ tenant, podId }) => containers.get(`${tenant}.${podId}`) ?? {},
    containerLogs: { of: async () => '' },
    newId: randomUUID,
    clock: () => performance.now(),
    logger,
    metrics: { observe: () => {} },
  };
  const api = buildApi(deps);
  return {
    identity,
    log,
    replica,
    api,
    logged,
    deps,
    containers,
    call: (path, options = {}) => call(identity, options.api ?? api, path, options),
    stop: async () => {
      await replica.close();
      await identity.stop();
    },
  };
}

async function call(identity: IdentityFixture, api: Api, path: string, options: CallOptions): Promise<Answer> {
  const { method = 'GET', as = 'ada', tenant = 'dev', body, headers = {} } = options;
  const token = as === null ? {} : { 'X-Tapis-Token': await identity.signToken({ tenant, user: as }) };
  const content = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const host = tenant === 'lab' ? labHost : devHost;
  const request = new Request(`https://${host}${path}`, {
    method,
    headers: { Host: host, ...token, ...content, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  // The path as it would come over the wire: a URL would lose dots and the like.
  const response = await api.fetch(request, { incoming: { url: path } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
