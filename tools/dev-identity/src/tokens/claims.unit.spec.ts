// The claims of tokens, as clients and services check them.
import { describe, expect, it } from 'vitest';
import { accessClaims, holderOfAccess, holderOfRefresh, refreshClaims, type Subject } from './claims.ts';

const subject: Subject = {
  tenantId: 'dev',
  baseUrl: 'https://dev.test:1',
  username: 'ada',
  accountType: 'user',
  clientId: null,
  grantType: 'password',
};
const moment = { nowMs: 1_000_500, lifeMs: 60_000, jti: 'id-1' };

describe('accessClaims', () => {
  it('hold exactly the claims of a password token', () => {
    expect(accessClaims(subject, moment)).toEqual({
      jti: 'id-1',
      iss: 'https://dev.test:1/v3/tokens',
      sub: 'ada@dev',
      exp: 1060,
      'tapis/tenant_id': 'dev',
      'tapis/token_type': 'access',
      'tapis/username': 'ada',
      'tapis/account_type': 'user',
      'tapis/delegation': false,
      'tapis/delegation_sub': null,
      'tapis/client_id': null,
      'tapis/grant_type': 'password',
    });
  });

  it('add redirect, site and refresh count only where they apply', () => {
    const web = { ...subject, redirectUri: 'https://x.test/cb', refreshCount: 2, targetSite: 'local' };
    expect(accessClaims(web, moment)).toMatchObject({
      'tapis/redirect_uri': 'https://x.test/cb',
      'tapis/refresh_count': 2,
      'tapis/target_site': 'local',
    });
  });

  it('never hold what breaks the checks of clients', () => {
    const names = Object.keys(accessClaims(subject, moment));
    expect(names.filter((name) => ['aud', 'nbf', 'iat'].includes(name))).toEqual([]);
  });
});

describe('refreshClaims', () => {
  const access = accessClaims({ ...subject, clientId: 'c1', refreshCount: 1 }, moment);
  const refresh = refreshClaims(subject, { ...moment, lifeMs: 120_000, jti: 'id-2' }, access);

  it('name no user themselves and carry the access token they renew', () => {
    expect(refresh).toMatchObject({ 'tapis/token_type': 'refresh', 'tapis/initial_ttl': 120, exp: 1120 });
    expect(refresh['tapis/username']).toBeUndefined();
    expect(refresh['tapis/access_token']).toEqual(access);
  });

  it('are no access token, and an access token is no refresh token', () => {
    expect(holderOfAccess(refresh)).toBeUndefined();
    expect(holderOfRefresh(access)).toBeUndefined();
    expect(holderOfRefresh(refresh)).toMatchObject({ jti: 'id-2', username: 'ada', clientId: 'c1', refreshCount: 1 });
    expect(holderOfAccess(access)).toMatchObject({ jti: 'id-1', username: 'ada', tenantId: 'dev' });
  });
});
