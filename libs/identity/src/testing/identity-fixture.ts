// A real HTTP server that speaks the parts of the Tenants API and the Security Kernel that identity asks for, with
// tenants whose keys it holds, so that specs can sign real tokens.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SignJWT } from 'jose';

export interface FixtureTenant {
  readonly tenantId: string;
  readonly baseUrl: string;
  readonly siteId?: string;
}

export interface TokenOptions {
  readonly tenant: string;
  readonly user: string;
  /** Replaces, adds or (undefined) removes claims. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Seconds from now. */
  readonly expiresIn?: number;
  /** Signs with a key of nobody. */
  readonly foreignKey?: boolean;
}

export interface IdentityFixture {
  readonly url: string;
  readonly signToken: (options: TokenOptions) => Promise<string>;
  /** Requests so far, by path. */
  readonly requests: (path: string) => number;
  readonly setTenants: (tenants: readonly FixtureTenant[]) => void;
  /** Gives a tenant a new key; tokens are signed with it from now on. */
  readonly replaceKey: (tenantId: string) => void;
  /** Role names of users, keyed `user@tenant`. */
  readonly setRoles: (roles: Readonly<Record<string, readonly string[]>>) => void;
  /** Makes every request fail with 503. */
  readonly setFailing: (failing: boolean) => void;
  readonly stop: () => Promise<void>;
}

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicPem: string;
}

const sites = [
  {
    site_id: 'local',
    base_url: 'https://local.test',
    primary: true,
    services: ['pods', 'tokens'],
    tenant_base_url_template: 'https://${tenant_id}.local.test',
  },
  { site_id: 'far', base_url: 'https://far.test', primary: false, services: ['pods'] },
  { site_id: 'small', base_url: 'https://small.test', primary: false, services: ['tokens'] },
];

/** Starts the server on a free port of 127.0.0.1. */
export async function startIdentityFixture(initial: readonly FixtureTenant[]): Promise<IdentityFixture> {
  const keys = new Map<string, KeyPair>();
  let keysTaken = 0;
  const newKeyPair = (): KeyPair => keyPairAt((keysTaken += 1));
  const foreign = newKeyPair();
  const counts = new Map<string, number>();
  let tenants = initial;
  let roles: Readonly<Record<string, readonly string[]>> = {};
  let failing = false;

  const keyOf = (tenantId: string): KeyPair => {
    const known = keys.get(tenantId) ?? newKeyPair();
    keys.set(tenantId, known);
    return known;
  };
  const tenantList = (): unknown =>
    tenants.map(({ tenantId, baseUrl, siteId = 'local' }) => ({
      tenant_id: tenantId,
      base_url: baseUrl,
      site_id: siteId,
      public_key: keyOf(tenantId).publicPem,
    }));
  const resultOf = (url: URL): unknown => {
    if (url.pathname === '/v3/tenants') return tenantList();
    if (url.pathname === '/v3/sites') return sites;
    const user = /^\/v3\/security\/user\/roles\/([^/]+)$/.exec(url.pathname)?.[1];
    if (user === undefined) return undefined;
    return { names: roles[`${decodeURIComponent(user)}@${url.searchParams.get('tenant') ?? ''}`] ?? [] };
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    counts.set(url.pathname, (counts.get(url.pathname) ?? 0) + 1);
    const result = failing ? undefined : resultOf(url);
    response.writeHead(failing ? 503 : result === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ message: '', metadata: {}, result: result ?? null, status: 'success', version: '1' }),
    );
  };

  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fixture has no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    signToken: ({ tenant, user, claims = {}, expiresIn = 3600, foreignKey = false }) =>
      new SignJWT({ ...accessClaims(tenant, user), ...claims })
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256' })
        .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
        .sign(foreignKey ? foreign.privateKey : keyOf(tenant).privateKey),
    requests: (path) => counts.get(path) ?? 0,
    setTenants: (value) => {
      tenants = value;
    },
    replaceKey: (tenantId) => {
      keys.set(tenantId, newKeyPair());
    },
    setRoles: (value) => {
      roles = value;
    },
    setFailing: (value) => {
      failing = value;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function accessClaims(tenant: string, user: string): Record<string, unknown> {
  return {
    jti: randomUUID(),
    iss: `https://${tenant}.local.test/v3/tokens`,
    sub: `${user}@${tenant}`,
    'tapis/tenant_id': tenant,
    'tapis/token_type': 'access',
    'tapis/username': user,
    'tapis/account_type': 'user',
    'tapis/delegation': false,
  };
}

/** Making keys takes long: fixtures of one process share them, each from the first on. */
const keyPairs = new Map<number, KeyPair>();

function keyPairAt(index: number): KeyPair {
  const known = keyPairs.get(index);
  if (known !== undefined) return known;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const made = { privateKey, publicPem: publicKey.export({ type: 'spki', format: 'pem' }) };
  keyPairs.set(index, made);
  return made;
}
