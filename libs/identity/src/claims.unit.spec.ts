import { describe, expect, it } from 'vitest';
import { parseClaims } from './claims.ts';

const good = {
  'tapis/tenant_id': 'dev',
  'tapis/token_type': 'access',
  'tapis/username': 'ada',
  'tapis/account_type': 'user',
  exp: 2_000_000_000,
};

describe('claims of a token', () => {
  it('are read with the expiry in milliseconds', () => {
    expect(parseClaims(good)).toEqual({
      tenantId: 'dev',
      username: 'ada',
      accountType: 'user',
      targetSite: undefined,
      expiresAt: 2_000_000_000_000,
    });
  });

  it.each([
    ['an audience', { aud: 'me' }, 'has-audience'],
    ['a refresh token', { 'tapis/token_type': 'refresh' }, 'not-an-access-token'],
    ['no token type', { 'tapis/token_type': undefined }, 'not-an-access-token'],
    ['no tenant', { 'tapis/tenant_id': undefined }, 'no-tenant'],
    ['no user', { 'tapis/username': undefined }, 'no-username'],
    ['an unknown account type', { 'tapis/account_type': 'robot' }, 'bad-claims'],
    ['the user *', { 'tapis/username': '*' }, 'no-username'],
    ['a user that looks like an app of the platform', { 'tapis/username': 'pods:spawner' }, 'no-username'],
    ['a user that looks like a tenant entry', { 'tapis/username': 'tenant.dev' }, 'no-username'],
    ['a user with a line break', { 'tapis/username': 'ada\n' }, 'no-username'],
  ])('with %s are refused', (_what, change, fault) => {
    expect(parseClaims({ ...good, ...change })).toBe(fault);
  });

  it('may name a user with dots, dashes and an at sign', () => {
    expect(parseClaims({ ...good, 'tapis/username': 'ada.l-b_1@uni.edu' })).toMatchObject({
      username: 'ada.l-b_1@uni.edu',
    });
  });
});
