// Guarantees about which of several given values counts, with a real state folder.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collect, remember } from './sources.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-settings-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('a flag goes before the environment, and that before what the state folder remembers', async () => {
  const state = join(folder, 'state');
  await remember(state, { state, portNats: '1', portApi: '1', portEdge: '1' });
  const given = await collect({ state: 'state', portNats: '3' }, { PODS_PORT_NATS: '2', PODS_PORT_API: '2' }, folder);
  expect(given).toEqual({ state: 'state', portNats: '3', portApi: '2', portEdge: '1' });
});

it('a new state folder remembers nothing, and none its own place', async () => {
  expect(await collect({}, {}, folder)).toEqual({});
  await remember(join(folder, '.pods'), { state: '/elsewhere' });
  expect(await collect({}, {}, folder)).toEqual({});
});

it('says which file to correct when it cannot be read', async () => {
  await writeFile(join(folder, 'settings.json'), '{ "portNats": ');
  await expect(collect({ state: folder }, {}, '/')).rejects.toThrow(join(folder, 'settings.json'));
});
