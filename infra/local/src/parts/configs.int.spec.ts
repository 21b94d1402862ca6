// Guarantees about settings files of the servers, told by the servers themselves.
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { natsUsers, renderNatsAuthorization } from '@pods/provision';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPlatform, type Platform } from '../platform.ts';
import { run } from '../process/run.ts';
import { ensureProgram } from '../programs/ensure.ts';
import { parseSettings } from '../settings/settings.ts';
import { edgeCertificate, renderEdge } from './edge.ts';
import { nats, renderNats, seedFileOf } from './nats.ts';

let folder = '';
let platform: Platform;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-configs-'));
  platform = await openPlatform(parseSettings({ state: join(folder, 'state') }, '/'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const programs = async () => {
  const path = await ensureProgram('nats-server');
  return {
    'nats-server': path,
    kube: '',
    registry: '',
    dns: '',
    pause: '',
    traefik: '',
    containerd: '',
    ctr: '',
    runc: '',
    cniPlugins: '',
  };
};

it('nats-server takes its settings, with a user for each app', async () => {
  const { program, args } = await nats.prepare(platform, await programs());
  await expect(run(program, [...args, '-t'])).resolves.toBeDefined();
  const text = await readFile(join(platform.folders.conf, 'nats.conf'), 'utf8');
  expect(text.match(/nkey: U/g)).toHaveLength(natsUsers(topology()).length);
});

it('nats-server refuses settings with a word that it does not know, so the spec above can fail', async () => {
  const file = join(folder, 'wrong.conf');
  await writeFile(
    file,
    `${renderNats(platform.settings.ports, folder, renderNatsAuthorization([]))}\nsync_intervall: always\n`,
  );
  await expect(run(await ensureProgram('nats-server'), ['--config', file, '-t'])).rejects.toThrow(/sync_intervall/);
});

it('the keys of NATS users are made once, and each file holds the seed of the key that the server knows', async () => {
  const paths = await programs();
  await nats.prepare(platform, paths);
  const before = await readFile(join(platform.folders.conf, 'nats.conf'), 'utf8');
  await nats.prepare(platform, paths);
  expect(await readFile(join(platform.folders.conf, 'nats.conf'), 'utf8')).toBe(before);
  const seed = (await readFile(seedFileOf(platform, 'spawner'), 'utf8')).trim();
  expect(before).toContain(nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey());
});

it('every message is on disk before it is acknowledged', () => {
  expect(renderNats(platform.settings.ports, '/x', '')).toContain('sync_interval: always');
});

it('Traefik listens on this machine alone, and asks for routes twice a second', () => {
  const text = renderEdge(platform.settings.ports, { certificates: '/c', accessLog: '/l' });
  expect([...text.matchAll(/address: (\S+)/g)].map(([, address]) => address)).toEqual([
    '127.0.0.1:8443',
    '127.0.0.1:9105',
  ]);
  expect(text).toContain('pollInterval: 500ms');
  expect(text).toContain('dialTimeout: 2s');
  expect(text).not.toMatch(/dashboard|api:/);
});

it('one certificate covers every tenant, its pods, and the site', () => {
  const tenant = (id: string) => ({ id, baseUrl: `https://${id}.p.localhost`, host: `${id}.p.localhost` });
  const { names } = edgeCertificate({
    siteHost: 'p.localhost',
    tenants: [tenant('a'), tenant('b')],
    user: { name: 'u', password: 'p' },
  });
  expect(names).toEqual([
    'p.localhost',
    'a.p.localhost',
    '*.pods.a.p.localhost',
    'b.p.localhost',
    '*.pods.b.p.localhost',
  ]);
});

it('a state folder is opened again as the same platform, with nobody else let into its secrets', async () => {
  const again = await openPlatform(platform.settings);
  expect(again.installationId).toBe(platform.installationId);
  await mkdir(join(folder, 'other'));
  const other = await openPlatform(parseSettings({ state: join(folder, 'other') }, '/'));
  expect(other.installationId).not.toBe(platform.installationId);
  expect(await run('stat', ['-c', '%a', platform.folders.secrets, platform.folders.nats, platform.folders.pki])).toBe(
    '700\n700\n700',
  );
});
