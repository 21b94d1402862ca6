// Building the catalogue for real: the same images everywhere, from the cache the second time, with programs that run.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, getuid } from 'node:process';
import { cacheFolderOf } from '@pods/local';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCatalogue, type BuildProgress } from './build.ts';
import { blobPath, type BuiltImage } from './oci/layout.ts';
import { parseManifest } from './oci/parse.ts';

const BUILD_MS = 280_000;

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'images-spec-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

/** An empty cache, except that Debian packages are those of the real one: the mirror is asked once, not at each run. */
const freshCache = async (name: string): Promise<string> => {
  const folder = join(scratch, name);
  const packages = join(cacheFolderOf(env), 'images', 'apt');
  await mkdir(folder, { recursive: true });
  await mkdir(packages, { recursive: true });
  await symlink(packages, join(folder, 'apt'));
  return folder;
};

const stepsOf = (seen: readonly BuildProgress[]): readonly string[] =>
  seen.map(({ image, step }) => `${image} ${step}`);

const unpackTo = async (image: BuiltImage, folder: string): Promise<void> => {
  const { layers } = parseManifest(await readFile(blobPath(image.folder, image.digest), 'utf8'));
  await mkdir(folder, { recursive: true });
  for (const { digest } of layers) await execa('tar', ['-C', folder, '-xzpf', blobPath(image.folder, digest)]);
  // What a container runtime would provide.
  await mkdir(join(folder, 'dev'), { recursive: true });
  for (const name of ['stdout', 'stderr', 'null']) await writeFile(join(folder, 'dev', name), '');
};

describe('webpage', () => {
  it('passes the tests of its own language', async () => {
    const cwd = join(import.meta.dirname, '..', 'go', 'webpage');
    const { stdout } = await execa('go', ['test', './...'], { cwd, env: { GOTOOLCHAIN: 'local', GOFLAGS: '' } });
    expect(stdout).toMatch(/^ok/);
  }, 120_000);

  it(
    'is the same image in another cache, and comes from the cache the second time',
    async () => {
      const first = await buildCatalogue({ cacheDir: join(scratch, 'one'), only: ['webpage'] });
      const second = await buildCatalogue({ cacheDir: join(scratch, 'two'), only: ['webpage'] });
      expect(second.map(({ digest }) => digest)).toEqual(first.map(({ digest }) => digest));
      const seen: BuildProgress[] = [];
      const again = await buildCatalogue({
        cacheDir: join(scratch, 'one'),
        only: ['webpage'],
        onProgress: (progress) => void seen.push(progress),
      });
      expect(again).toEqual(first);
      expect(stepsOf(seen)).toEqual(['webpage:1 cached']);
    },
    BUILD_MS,
  );

  it(
    'can be built several times at once into one cache',
    async () => {
      const cacheDir = join(scratch, 'at-once');
      const built = await Promise.all(
        Array.from({ length: 3 }, async () => await buildCatalogue({ cacheDir, only: ['webpage'] })),
      );
      expect(new Set(built.flat().map(({ digest }) => digest)).size).toBe(1);
    },
    BUILD_MS,
  );

  it(
    'needs no Debian package manager',
    async () => {
      const path = env['PATH'];
      const { stdout: goFolder } = await execa('go', ['env', 'GOROOT']);
      env['PATH'] = join(goFolder, 'bin');
      try {
        expect(await buildCatalogue({ cacheDir: join(scratch, 'no-apt'), only: ['webpage'] })).toHaveLength(1);
        await expect(buildCatalogue({ cacheDir: join(scratch, 'no-apt'), only: ['redis'] })).rejects.toMatchObject({
          code: 'no-apt',
        });
      } finally {
        env['PATH'] = path;
      }
    },
    BUILD_MS,
  );
});

describe('images from Debian packages', () => {
  let images: readonly BuiltImage[] = [];
  beforeAll(async () => {
    images = await buildCatalogue({ cacheDir: await freshCache('debian') });
    for (const image of images) await unpackTo(image, join(scratch, `root-${image.name}`));
  }, BUILD_MS);

  const programs = [
    ['nginx', ['nginx', '-t'], /test is successful/],
    ['redis', ['redis-server', '--version'], /v=7\./],
    ['redis', ['id', 'redis'], /uid=999\(redis\)/],
    ['postgres', ['/usr/lib/postgresql/15/bin/postgres', '--version'], /PostgreSQL\) 15\./],
    ['postgres', ['/usr/lib/postgresql/15/bin/psql', '--version'], /15\./],
    ['postgres', ['openssl', 'version'], /OpenSSL 3/],
    ['python', ['python', '-c', 'import ssl, sqlite3, lzma, ctypes, sys; print(sys.version)'], /^3\.11\./],
    ['python', ['python', '-c', 'import ssl; print(len(ssl.create_default_context().get_ca_certs()) > 50)'], /True/],
    ['python', ['sh', '-c', 'ls / | grep -c usr && printf ok | sha256sum'], /^1\n/],
  ] as const;

  it.skipIf(getuid?.() !== 0).each(programs)(
    'hold programs that run with nothing else around: %s %j',
    async (name, command, said) => {
      const root = join(scratch, `root-${name}`);
      const path = 'PATH=/usr/sbin:/usr/bin';
      const { all } = await execa('env', ['-i', path, 'chroot', root, ...command], { all: true });
      expect(all).toMatch(said);
    },
    60_000,
  );

  it(
    'are the same again from the same packages',
    async () => {
      const again = await buildCatalogue({ cacheDir: await freshCache('debian-again'), only: ['redis', 'python'] });
      const before = images.filter(({ name }) => ['redis', 'python'].includes(name));
      expect(again.map(({ digest }) => digest)).toEqual(before.map(({ digest }) => digest));
    },
    BUILD_MS,
  );

  it('stay small', () => {
    const large = images.filter(({ sizeBytes }) => sizeBytes > 50 * 2 ** 20);
    expect(large.map(({ reference, sizeBytes }) => [reference, sizeBytes])).toEqual([]);
  });
});
