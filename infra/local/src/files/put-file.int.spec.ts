// Guarantees about writing files.
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensurePassword } from './password.ts';
import { putFile, putSecret, readIfThere } from './put-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('does not touch a file that has the content and the mode already', async () => {
  const file = join(folder, 'a', 'b');
  expect(await putFile(file, 'x')).toBe(true);
  const { ino, mtimeMs } = await stat(file);
  expect(await putFile(file, 'x')).toBe(false);
  expect(await stat(file)).toMatchObject({ ino, mtimeMs });
  expect(await putFile(file, 'y')).toBe(true);
  expect(await readIfThere(file)).toBe('y');
  expect(await readdir(join(folder, 'a'))).toEqual(['b']);
});

it('takes other people’s right to read away when a file becomes a secret', async () => {
  const file = join(folder, 'a');
  await putFile(file, 'x');
  expect(await putSecret(file, 'x')).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('makes a password once, for its owner alone', async () => {
  const place = { folders: { secrets: folder } };
  const password = await ensurePassword(place, 'db');
  expect(password).toMatch(/^[\w-]{32}$/);
  expect(await ensurePassword(place, 'db')).toBe(password);
  expect(await ensurePassword(place, 'other')).not.toBe(password);
  expect((await readFile(join(folder, 'db.password'), 'utf8')).trim()).toBe(password);
  expect((await stat(join(folder, 'db.password'))).mode & 0o777).toBe(0o600);
});
