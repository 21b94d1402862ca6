// Guarantees of building and finding programs, with the real Go on the one program that needs no module.
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withBuildLock } from './build-lock.ts';
import { programs } from './catalogue.ts';
import { ensureProgram, locateProgram, type ProgramProgress } from './ensure.ts';
import { versionOf } from './find.ts';
import type { ProgramPlaces } from './places.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-programs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const places = (more: Partial<ProgramPlaces> = {}): ProgramPlaces => ({
  cacheFolder: join(folder, 'cache'),
  programsFolder: undefined,
  pathFolders: [],
  ...more,
});

const fake = async (file: string, output: string): Promise<void> => {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho '${output}'\n`);
  await chmod(file, 0o755);
};

it('builds once, and finds the build again', async () => {
  const states: string[] = [];
  const options = { places: places(), onProgress: ({ state }: ProgramProgress) => states.push(state) };
  const first = await ensureProgram('pause', options);
  expect(await ensureProgram('pause', options)).toBe(first);
  expect(states.filter((state) => state !== 'building')).toEqual(['built', 'cached']);
  expect(await versionOf(programs.pause, first)).toEqual({ major: 1, minor: 0, patch: 0 });
});

it('builds once for several that ask at the same moment, and leaves nothing half done', async () => {
  const built: string[] = [];
  const onProgress = ({ state, program }: ProgramProgress): void => {
    if (state === 'built') built.push(program);
  };
  const paths = await Promise.all(
    [1, 2, 3].map(async () => await ensureProgram('pause', { places: places(), onProgress })),
  );
  expect(new Set(paths).size).toBe(1);
  expect(built).toEqual(['pause']);
  const left = await readdir(join(folder, 'cache', 'programs'));
  expect(left.filter((name) => name.startsWith('.'))).toEqual(['.lock']);
});

it('uses a program on PATH whose version suits, and says why it passes over another', async () => {
  const old = join(folder, 'old');
  const good = join(folder, 'good');
  await fake(join(old, 'nats-server'), 'nats-server: v2.10.27');
  await fake(join(good, 'nats-server'), 'nats-server: v2.99.0');
  const seen: ProgramProgress[] = [];
  const path = await ensureProgram('nats-server', {
    places: places({ pathFolders: [old, good] }),
    onProgress: (progress) => seen.push(progress),
  });
  expect(path).toBe(join(good, 'nats-server'));
  expect(seen.map(({ state }) => state)).toEqual(['ignored', 'found']);
  expect(JSON.stringify(seen[0])).toMatch(/old\/nats-server is 2\.10\.27, needed is 2\.\d+ or a later 2/);
});

it('takes the given folder before PATH, and refuses one that is not there', async () => {
  const mine = join(folder, 'mine');
  await fake(join(mine, 'traefik'), 'Version: 3.99.1');
  await fake(join(folder, 'path', 'traefik'), 'Version: 3.98.0');
  const pathFolders = [join(folder, 'path')];
  expect(await ensureProgram('traefik', { places: places({ programsFolder: mine, pathFolders }) })).toBe(
    join(mine, 'traefik'),
  );
  await expect(
    ensureProgram('traefik', { places: places({ programsFolder: join(folder, 'typo'), pathFolders }) }),
  ).rejects.toThrow(/typo, is not there: correct --programs/);
});

it('never takes a program called pause from PATH', async () => {
  await fake(join(folder, 'bin', 'pause'), 'pods-pause 1.9.9');
  const path = await ensureProgram('pause', { places: places({ pathFolders: [join(folder, 'bin')] }) });
  expect(path).not.toContain('/bin/');
});

it('does not wait long for another pause that waits instead of saying its version', async () => {
  const file = join(folder, 'mine', 'pause');
  await mkdir(join(folder, 'mine'));
  await writeFile(file, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  const startedMs = performance.now();
  const { state, ignored } = await locateProgram('pause', places({ programsFolder: join(folder, 'mine') }));
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect({ state, ignored }).toEqual({
    state: 'missing',
    ignored: [`${file} does not say its version, needed is 1.0 or a later 1`],
  });
});

it('stops building when told to, and can build afterwards', async () => {
  const abort = new AbortController();
  const onProgress = ({ state }: ProgramProgress): void => {
    if (state === 'building') abort.abort(new Error('stopped by the spec'));
  };
  await expect(ensureProgram('pause', { places: places(), onProgress, signal: abort.signal })).rejects.toThrow(
    'stopped by the spec',
  );
  await expect(ensureProgram('pause', { places: places() })).resolves.toContain('/pause-');
});

it('waits for a build of another process, and says so; the lock of a killed one is free', async () => {
  const file = join(folder, 'lock');
  const other = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise((resolve) => other.stdout.once('data', resolve));
  let waited = false;
  const onWait = (): void => {
    waited = true;
    other.kill('SIGKILL');
    other.stdin.destroy();
  };
  await withBuildLock(file, new AbortController().signal, onWait, async () => undefined);
  expect(waited).toBe(true);
});
