// Guarantees about state folders that cannot be used, with a real file system.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPlatform } from '../platform.ts';
import { parseSettings } from './settings.ts';
import { collect } from './sources.ts';
import { withStateFolder } from './state-folder.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-state-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it.each(['file', 'file/below'])('%s is refused with what to do about it', async (name) => {
  await writeFile(join(folder, 'file'), '');
  const state = join(folder, name);
  const opening = withStateFolder(state, async () => {
    await collect({ state }, {}, '/');
    return await openPlatform(parseSettings({ state }, '/'));
  });
  await expect(opening).rejects.toThrow(`The state folder ${state} cannot be used: `);
  await expect(opening).rejects.toThrow('--state FOLDER');
});

it('a mistake of ours stays what it is', async () => {
  const mistake = new TypeError('x is not a function');
  await expect(withStateFolder(folder, async () => await Promise.reject(mistake))).rejects.toBe(mistake);
});
