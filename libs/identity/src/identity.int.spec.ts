// Tenants, tokens and roles against a real HTTP server and really signed tokens.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Authentication, Authenticator, Credentials } from './authenticator.ts';
import { createAuthenticator } from './authenticator.ts';
import { createRoles } from './roles.ts';
import type { TenantDirectory } from './tenant-directory.ts';
import { createTenantDirectory } from './tenant-directory.ts';
import type { IdentityFixture } from './testing/identity-fixture.ts';
import { startIdentityFixture } from './testing/identity-fixture.ts';
import type { TokenVerifier } from './token-verifier.ts';
import { createTokenVerifier } from './token-verifier.ts';

const dev = { tenantId: 'dev', baseUrl: 'https://dev.test:8443' };
const lab = { tenantId: 'lab', baseUrl: 'https://lab.test:8443' };

let fixture: IdentityFixture;
let now: number;
let warnings: string[];
let tenants: TenantDirectory;
let tokens: TokenVerifier;
let authenticator: Authenticator;
const clock = (): number => now;
const log = { warn: (_fields: unknown, message: string): void => void warnings.push(message) };

beforeEach(async () => {
  fixture = await startIdentityFixture([dev, lab]);
  now = Date.now();
  warnings = [];
  tenants = createTenantDirectory({ url: fixture.url, siteId: 'local', clock, log });
  tokens = createTokenVerifier({ tenants, clock });
  authenticator = createAuthenticator({ tenants, tokens, siteId: 'local', internalHosts: ['localhost', '127.0.0.1'] });
});
afterEach(() => fixture.stop());

const authenticate = (more: Partial<Credentials>): Promise<Authentication> =>
  authenticator.authenticate({
    token: undefined,
    host: 'dev.test:8443',
    onBehalfOfTenant: undefined,
    onBehalfOfUser: undefined,
    ...more,
  });

describe('tenants', () => {
  it('are fetched once for many questions', async () => {
    await Promise.all([tenants.byId('dev'), tenants.byId('lab'), tenants.byHost('DEV.test:8443')]);
    expect(await tenants.byHost('dev.local.test')).toMatchObject({ tenantId: 'dev' });
    expect(fixture.requests('/v3/tenants')).toBe(1);
    expect(fixture.requests('/v3/sites')).toBe(1);
  });

  it('are asked for again when an unknown one appears, and made-up names cost no more than that', async () => {
    await tenants.byId('dev');
    fixture.setTenants([dev, lab, { tenantId: 'new', baseUrl: 'https://new.test' }]);
    now += 5001;
    expect(await Promise.all([tenants.byId('new'), tenants.byHost('new.test')])).toMatchObject([
      { tenantId: 'new' },
      { tenantId: 'new' },
    ]);
    for (const name of ['x', 'y', 'z']) expect(await tenants.byId(name)).toBeUndefined();
    expect(fixture.requests('/v3/tenants')).toBe(2);
  });

  it('stay known when the service that lists them is away, and an old list is then still good', async () => {
    await tenants.byId('dev');
    fixture.setFailing(true);
    now += 700_000;
    expect(await tenants.byId('dev')).toMatchObject({ tenantId: 'dev' });
    await expect(tenants.byId('unknown')).rejects.toMatchObject({ code: 'identity_unavailable' });
  });

  it('cannot be judged before the first list was read', async () => {
    fixture.setFailing(true);
    await expect(tenants.byId('dev')).rejects.toMatchObject({ code: 'identity_unavailable' });
    fixture.setFailing(false);
    expect(await tenants.byId('dev')).toMatchObject({ tenantId: 'dev' });
  });
});

describe('a token', () => {
  it('is verified once and remembered until it expires', async () => {
    const token = await fixture.signToken({ tenant: 'dev', user: 'ada', expiresIn: 60 });
    expect(await tokens.verify(token)).toMatchObject({ kind: 'valid', claims: { username: 'ada', tenantId: 'dev' } });
    expect(await tokens.verify(token)).toMatchObject({ kind: 'valid' });
    now += 61_000;
    expect(await tokens.verify(token)).toEqual({ kind: 'invalid', fault: 'expired' });
  });

  it('is judged by a replaced key after one more look at the list, at most every 90 seconds', async () => {
    const old = await fixture.signToken({ tenant: 'dev', user: 'ada' });
    expect(await tokens.verify(old)).toMatchObject({ kind: 'valid' });
    fixture.replaceKey('dev');
    const token = await fixture.signToken({ tenant: 'dev', user: 'ada' });
    expect(await tokens.verify(token)).toMatchObject({ kind: 'valid' });
    expect(await tokens.verify(old)).toMatchObject({ fault: 'bad-signature' });
    const asked = fixture.requests('/v3/tenants');
    fixture.replaceKey('dev');
    const third = await fixture.signToken({ tenant: 'dev', user: 'ada' });
    now += 89_000;
    expect(await tokens.verify(third)).toMatchObject({ fault: 'bad-signature' });
    expect(fixture.requests('/v3/tenants')).toBe(asked);
    now += 2000;
    expect(await tokens.verify(third)).toMatchObject({ kind: 'valid' });
  });

  it.each([
    ['expired', { expiresIn: -1 }, 'expired'],
    ['signed by somebody else', { foreignKey: true }, 'bad-signature'],
    ['of an unknown tenant', { tenant: 'nobody' }, 'unknown-tenant'],
    ['with an audience', { claims: { aud: 'portal' } }, 'has-audience'],
    ['a refresh token', { claims: { 'tapis/token_type': 'refresh' } }, 'not-an-access-token'],
    ['not valid yet', { claims: { nbf: 9_999_999_999 } }, 'not-yet-valid'],
    ['without a tenant', { claims: { 'tapis/tenant_id': undefined } }, 'no-tenant'],
  ])('is refused when it is %s', async (_what, options, fault) => {
    const token = await fixture.signToken({ tenant: 'dev', user: 'ada', ...options });
    expect(await tokens.verify(token)).toMatchObject({ kind: 'invalid', fault });
  });

  it.each([
    ['no token at all', 'nonsense', 'unparsable'],
    ['an unsigned one', `${base64url({ alg: 'none' })}.${base64url({ 'tapis/tenant_id': 'dev' })}.`, 'wrong-algorithm'],
    ['an endless one', 'x'.repeat(20_000), 'unparsable'],
  ])('is refused when it is %s', async (_what, token, fault) => {
    expect(await tokens.verify(token)).toMatchObject({ kind: 'invalid', fault });
  });
});

describe('a request', () => {
  it('of a user is for the tenant of its host', async () => {
    const token = await fixture.signToken({ tenant: 'dev', user: 'ada' });
    expect(await authenticate({ token })).toMatchObject({
      kind: 'caller',
      caller: { user: 'ada', accountType: 'user', tenant: { tenantId: 'dev' } },
    });
    expect(await authenticate({ token, host: 'lab.test:8443' })).toMatchObject({
      refusal: { code: 'TenantMismatch', tokenTenant: 'dev', requestTenant: 'lab' },
    });
  });

  it.each(['localhost:8000', '127.0.0.1:9'])('to the internal host %s is for the tenant of its token', async (host) => {
    const token = await fixture.signToken({ tenant: 'lab', user: 'ada' });
    expect(await authenticate({ token, host })).toMatchObject({ caller: { tenant: { tenantId: 'lab' } } });
  });

  it.each(['dev.test', 'evil.test:8443', '', undefined])('to the host %s of nobody is refused', async (host) => {
    const token = await fixture.signToken({ tenant: 'dev', user: 'ada' });
    expect(await authenticate({ token, host })).toMatchObject({ refusal: { code: 'UnknownHost' } });
  });

  it('without a token, or with a bad one, is refused', async () => {
    expect(await authenticate({})).toMatchObject({ refusal: { code: 'TokenMissing' } });
    expect(await authenticate({ token: 'x' })).toMatchObject({
      refusal: { code: 'TokenInvalid', fault: 'unparsable' },
    });
  });

  it('of a user who speaks for somebody else is refused', async () => {
    const token = await fixture.signToken({ tenant: 'dev', user: 'ada' });
    const refused = { refusal: { code: 'OnBehalfOfRefused' } };
    expect(await authenticate({ token, onBehalfOfUser: 'bob' })).toMatchObject(refused);
    expect(await authenticate({ token, onBehalfOfTenant: 'dev' })).toMatchObject(refused);
  });

  it('of a tenant of a site that runs its own Pods service is refused', async () => {
    fixture.setTenants([{ tenantId: 'away', baseUrl: 'https://away.test', siteId: 'far' }]);
    const token = await fixture.signToken({ tenant: 'away', user: 'ada' });
    expect(await authenticate({ token, host: 'away.test' })).toMatchObject({ refusal: { code: 'UnknownHost' } });
  });

  describe('of a service', () => {
    const claims = { 'tapis/account_type': 'service', 'tapis/target_site': 'local' };
    const speaksFor = { onBehalfOfTenant: 'lab', onBehalfOfUser: 'ada', host: 'anything.test' };

    it('is for the tenant it speaks for, under its own name', async () => {
      const token = await fixture.signToken({ tenant: 'dev', user: 'workflows', claims });
      expect(await authenticate({ token, ...speaksFor })).toMatchObject({
        caller: { user: 'workflows', accountType: 'service', tenant: { tenantId: 'lab' } },
      });
    });

    it('must say for whom, be meant for this site, and name a tenant of this site', async () => {
      const token = await fixture.signToken({ tenant: 'dev', user: 'workflows', claims });
      expect(await authenticate({ token })).toMatchObject({ refusal: { code: 'OnBehalfOfIncomplete' } });
      expect(await authenticate({ token, ...speaksFor, onBehalfOfTenant: 'nobody' })).toMatchObject({
        refusal: { code: 'WrongSite' },
      });
      const elsewhere = { ...claims, 'tapis/target_site': 'far' };
      const foreign = await fixture.signToken({ tenant: 'dev', user: 'workflows', claims: elsewhere });
      expect(await authenticate({ token: foreign, ...speaksFor })).toMatchObject({ refusal: { code: 'WrongSite' } });
    });
  });
});

describe('roles', () => {
  const rolesPath = '/v3/security/user/roles/ada';

  it('make a service admin, per tenant, and are remembered for a minute', async () => {
    const roles = createRoles({ url: fixture.url, adminRoles: ['pods_admin', 'PODS_ADMIN'], clock, log });
    fixture.setRoles({ 'ada@dev': ['reader', 'PODS_ADMIN'] });
    expect(await Promise.all([roles.isServiceAdmin('dev', 'ada'), roles.isServiceAdmin('dev', 'ada')])).toEqual([
      true,
      true,
    ]);
    expect(await roles.isServiceAdmin('lab', 'ada')).toBe(false);
    fixture.setRoles({});
    expect(await roles.isServiceAdmin('dev', 'ada')).toBe(true);
    expect(fixture.requests(rolesPath)).toBe(2);
    now += 60_001;
    expect(await roles.isServiceAdmin('dev', 'ada')).toBe(false);
  });

  it('that cannot be read make nobody an admin, and are asked for again soon', async () => {
    const roles = createRoles({ url: fixture.url, adminRoles: ['pods_admin'], clock, log });
    fixture.setRoles({ 'ada@dev': ['pods_admin'] });
    fixture.setFailing(true);
    expect(await roles.isServiceAdmin('dev', 'ada')).toBe(false);
    expect(warnings).toHaveLength(1);
    fixture.setFailing(false);
    now += 5001;
    expect(await roles.isServiceAdmin('dev', 'ada')).toBe(true);
  });
});

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
