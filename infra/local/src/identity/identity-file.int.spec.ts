// Guarantees about reading the identity stand-in's file, on the real one.
import { expect, it } from 'vitest';
import { parseSettings, SettingsError } from '../settings/settings.ts';
import { parseIdentity, readIdentity } from './identity-file.ts';

it('knows the tenants of the file that is used by default, at the port of the edge', async () => {
  const identity = await readIdentity(parseSettings({ portEdge: '9443' }, '/'));
  expect(identity.tenants.map(({ id, baseUrl, host }) => [id, baseUrl, host])).toEqual([
    ['dev', 'https://dev.pods.localhost:9443', 'dev.pods.localhost'],
    ['lab', 'https://lab.pods.localhost:9443', 'lab.pods.localhost'],
  ]);
  expect(identity.siteHost).toBe('pods.localhost');
});

it('offers a user who may sign in to the first tenant', () => {
  const text = `site: {base_url: "https://s:\${EDGE_PORT}"}
tenants: [{id: b, base_url: "https://b.s:1"}]
users: [{username: u1, password: p1, tenants: [a]}, {username: u2, password: p2, tenants: [a, b]}]`;
  expect(parseIdentity(text, 'local', 1).user).toEqual({ name: 'u2', password: 'p2' });
});

it('says which setting to correct when the file is not there', async () => {
  const settings = parseSettings({ identityFile: '/nowhere.yaml' }, '/');
  await expect(readIdentity(settings)).rejects.toThrow(SettingsError);
  await expect(readIdentity(settings)).rejects.toThrow(/--identity-file: \/nowhere\.yaml/);
});
