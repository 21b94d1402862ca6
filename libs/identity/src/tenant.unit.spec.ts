import { describe, expect, it } from 'vitest';
import type { Site, Tenant } from './tenant.ts';
import { hostName, hostsOf, isServedBy, normalHost, parseSites, parseTenants } from './tenant.ts';

const listed = { tenant_id: 'dev', base_url: 'https://Dev.Pods.localhost:8443', site_id: 'local', public_key: 'PEM' };
const tenant: Tenant = {
  tenantId: 'dev',
  baseUrl: 'https://dev.test',
  host: 'dev.test',
  siteId: 'local',
  publicKey: 'PEM',
};
const site = (siteId: string, more: Partial<Site> = {}): Site => ({
  siteId,
  primary: false,
  services: [],
  tenantBaseUrlTemplate: '',
  ...more,
});

describe('the list of tenants', () => {
  it('keeps the port of a base URL in the host, in lower case', () => {
    expect(parseTenants({ result: [listed] })?.items[0]).toMatchObject({
      tenantId: 'dev',
      host: 'dev.pods.localhost:8443',
    });
  });

  it.each([
    ['an id that is no subject token', { ...listed, tenant_id: 'a.b' }],
    ['a base URL that is none', { ...listed, base_url: 'dev.test' }],
    ['no public key', { ...listed, public_key: '' }],
    ['no object', 'dev'],
  ])('leaves out an entry with %s and keeps the others', (_what, broken) => {
    const parsed = parseTenants({ result: [broken, listed] });
    expect(parsed?.items.map((item) => item.tenantId)).toEqual(['dev']);
    expect(parsed?.unreadable).toBe(1);
  });

  it('is not read from a reply without a list', () => {
    expect(parseTenants({ result: {} })).toBeUndefined();
    expect(parseSites('nothing')).toBeUndefined();
  });
});

describe('hosts', () => {
  it.each([
    ['Dev.Test', 'dev.test'],
    ['dev.test:443', 'dev.test'],
    ['dev.test:80', 'dev.test'],
    ['dev.test:8443', 'dev.test:8443'],
  ])('%s is compared as %s', (host, normal) => {
    expect(normalHost(host)).toBe(normal);
  });

  it('loses its port for the list of internal names', () => {
    expect(hostName('LocalHost:8000')).toBe('localhost');
  });

  it('a tenant is served on the primary form of its address too', () => {
    const primary = site('local', { primary: true, tenantBaseUrlTemplate: 'https://${tenant_id}.primary.test' });
    expect(hostsOf(tenant, [primary])).toEqual(['dev.test', 'dev.primary.test']);
    expect(hostsOf(tenant, [site('local')])).toEqual(['dev.test']);
  });
});

describe('which tenants a site serves', () => {
  const away = { ...tenant, siteId: 'away' };
  it.each([
    ['its own', tenant, [site('local')], true],
    ['none of another site', away, [site('local'), site('away')], false],
    ['as primary, those of a site without Pods', away, [site('local', { primary: true }), site('away')], true],
    [
      'as primary, not those of a site with Pods',
      away,
      [site('local', { primary: true }), site('away', { services: ['pods'] })],
      false,
    ],
  ] as const)('%s', (_what, asked, sites, served) => {
    expect(isServedBy(asked, 'local', sites)).toBe(served);
  });
});
