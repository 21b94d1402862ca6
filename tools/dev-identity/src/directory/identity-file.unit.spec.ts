import { describe, expect, it } from 'vitest';
// The identity file: what is refused, and that the shipped one is usable.
import { stringify } from 'yaml';
import { devHost, labHost, shippedIdentities } from '../testing/test-app.ts';
import { createDirectory } from './directory.ts';
import { IdentityFileError, parseIdentityFile } from './identity-file.ts';

const minimal = {
  development_only: true,
  created: '2026-01-01T00:00:00Z',
  site: { id: 'local', base_url: 'https://pods.localhost', admin_tenant: 'dev', services: [] },
  tenants: [{ id: 'dev', base_url: 'https://dev.localhost:${EDGE_PORT}', description: '' }],
  users: [{ username: 'ada', password: 'secret-word', name: 'Ada', email: 'ada@example.org', tenants: ['dev'] }],
};
const settings = { EDGE_PORT: '1234' };
const read = (change: Readonly<Record<string, unknown>>) =>
  parseIdentityFile(stringify({ ...minimal, ...change }), settings);

describe('parseIdentityFile', () => {
  it('fills in settings, but not in comments', () => {
    const text = `# \${UNKNOWN}\n${stringify(minimal)}`;
    expect(parseIdentityFile(text, settings).tenants[0]?.base_url).toBe('https://dev.localhost:1234');
  });

  it.each([
    ['a file that is not marked as development only', { development_only: false }, /development_only/],
    ['an unknown key', { passwords: [] }, /passwords/],
    ['a base_url with a slash at its end', { tenants: [{ ...minimal.tenants[0], base_url: 'https://x/' }] }, /slash/],
    ['a base_url that is no web address', { tenants: [{ ...minimal.tenants[0], base_url: 'ftp://x' }] }, /base_url/],
    ['two tenants of one id', { tenants: [minimal.tenants[0], minimal.tenants[0]] }, /tenant dev is there twice/],
    ['a user of an unknown tenant', { users: [{ ...minimal.users[0], tenants: ['nowhere'] }] }, /user ada.*nowhere/],
    ['a user name that means something else', { users: [{ ...minimal.users[0], username: '*' }] }, /user name/],
    ['a placeholder that is no setting', { site: { ...minimal.site, id: '${HOME}' } }, /HOME/],
  ])('refuses %s', (_, change, message) => {
    expect(() => read(change)).toThrow(IdentityFileError);
    expect(() => read(change)).toThrow(message);
  });

  it('names no password when it refuses', () => {
    const refusal = () => read({ users: [{ ...minimal.users[0], username: '*', email: 'none' }] });
    expect(refusal).toThrow(/users.0.email/);
    expect(refusal).not.toThrow(/secret-word/);
  });
});

describe('the shipped identities', () => {
  it('have the tenants dev and lab and a service admin in both', async () => {
    const directory = createDirectory(await shippedIdentities());
    expect(directory.tenants.map(({ id, baseUrl }) => [id, baseUrl])).toEqual([
      ['dev', `https://${devHost}`],
      ['lab', `https://${labHost}`],
    ]);
    expect(['dev', 'lab'].map((tenant) => directory.rolesOf(tenant, 'opsadmin'))).toEqual([
      ['pods_admin'],
      ['pods_admin'],
    ]);
    expect(directory.rolesOf('dev', 'ada')).toEqual([]);
  });

  it('know a user only in the tenants it belongs to', async () => {
    const directory = createDirectory(await shippedIdentities());
    expect(directory.hasPassword('dev', 'grace', 'grace-dev')).toBe(true);
    expect(directory.hasPassword('lab', 'grace', 'grace-dev')).toBe(false);
    expect(directory.profile('lab', 'grace')).toBeUndefined();
  });

  it('let nobody in with a wrong, empty or foreign password', async () => {
    const directory = createDirectory(await shippedIdentities());
    const tries = [
      ['ada', ''],
      ['ada', 'grace-dev'],
      ['nobody', ''],
    ] as const;
    expect(tries.map(([user, password]) => directory.hasPassword('dev', user, password))).toEqual([
      false,
      false,
      false,
    ]);
    expect(directory.hasServicePassword('dev', 'pods', '')).toBe(false);
  });

  it('belong to a host whatever its letter case and port', async () => {
    const directory = createDirectory(await shippedIdentities());
    const hosts = [labHost, 'LAB.pods.localhost:8443', 'lab.pods.localhost', '127.0.0.1:8001', undefined];
    expect(hosts.map((host) => directory.tenantOfHost(host)?.id)).toEqual(['lab', 'lab', 'lab', undefined, undefined]);
  });
});
