// Asks apt which packages an image needs and fetches them, in a state folder of its own: nothing of
// this machine's package state is read, changed or locked, and no special rights are needed.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DebianPart } from '../definition.ts';
import { ImageBuildError } from '../errors.ts';
import { runProgram } from '../run-program.ts';
import { isListed, parsePrintedUris, type PackageFile } from './package-file.ts';

const APT_TIMEOUT_MS = 300_000;

/** Packages by name and version, from the Debian release of this machine's apt sources. */
export type Apt = {
  /** The packages and all they depend on, as if nothing were installed, less what is left out; sorted by name. */
  readonly resolve: (part: DebianPart) => Promise<readonly PackageFile[]>;
  /** Fetches what is not there yet; apt checks every file against the signed package lists. */
  readonly download: (packages: readonly PackageFile[]) => Promise<void>;
  /** Where a downloaded package lies. */
  readonly pathOf: (file: PackageFile) => string;
  /** Reads the package lists again, so that `resolve` sees newer versions. */
  readonly refresh: () => Promise<void>;
};

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;

const optionsOf = (state: string): readonly string[] =>
  [
    `Dir::State=${state}`,
    `Dir::State::status=${state}/nothing-installed`,
    `Dir::Cache=${state}/cache`,
    // Without its cache file apt works a little longer, and several apts do not disturb each other.
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'APT::Sandbox::User=root',
    'APT::Install-Recommends=false',
    'Debug::NoLocking=1',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
  ].flatMap((option) => ['-o', option]);

const runApt = async (state: string, args: readonly string[], cwd = state): Promise<string> =>
  await runProgram('apt-get', {
    args: [...args, ...optionsOf(state)],
    cwd,
    timeoutMs: APT_TIMEOUT_MS,
    env: { LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    whenMissing: () =>
      new ImageBuildError(
        'no-apt',
        'apt-get is not here: images made from Debian packages can only be built on Debian or a system like it',
      ),
    whenFailed: 'apt-failed',
  });

/** A folder as apt wants its state, without any package lists yet. */
const emptyState = async (folder: string): Promise<string> => {
  const state = await mkdtemp(join(folder, 'lists-'));
  for (const path of ['lists/partial', 'cache/archives/partial', 'resolved']) {
    await mkdir(join(state, path), { recursive: true });
  }
  await writeFile(join(state, 'nothing-installed'), '');
  return state;
};

/** Opens (or makes) the state folder `folder`, which may be used by several processes at once. */
export const openApt = async (folder: string): Promise<Apt> => {
  const packages = join(folder, 'packages');
  await mkdir(packages, { recursive: true });
  // The state in use: a link that is replaced by one rename, so that nobody sees half-read package lists.
  const current = join(folder, 'current');

  const fetchLists = async (): Promise<void> => {
    const state = await emptyState(folder);
    // A broken source of somebody else's must not stop us; whether the lists suffice shows when resolving.
    await runApt(state, ['update', '-qq']).catch((error: unknown) => {
      if (!(error instanceof ImageBuildError) || error.code === 'no-apt') throw error;
    });
    await symlink(basename(state), `${state}.link`);
    await rename(`${state}.link`, current);
    const old = (await readdir(folder)).filter((name) => name.startsWith('lists-') && name !== basename(state));
    await Promise.all(old.map(async (name) => await rm(join(folder, name), { recursive: true, force: true })));
  };

  let fetching: Promise<void> | undefined;
  const refresh = async (): Promise<void> => {
    fetching ??= fetchLists().finally(() => {
      fetching = undefined;
    });
    await fetching;
  };

  const resolve = async (part: DebianPart): Promise<readonly PackageFile[]> => {
    if (!(await exists(current))) await refresh();
    const state = await realpath(current);
    const remembered = join(state, 'resolved', createHash('sha256').update(part.packages.join('\n')).digest('hex'));
    let answer = await readFile(remembered, 'utf8').catch(() => undefined);
    if (answer === undefined) {
      answer = await runApt(state, ['install', '--print-uris', '--yes', '-qq', ...part.packages]);
      const temporary = `${remembered}.${randomUUID()}`;
      await writeFile(temporary, answer);
      await rename(temporary, remembered);
    }
    return parsePrintedUris(answer)
      .filter(({ name }) => !isListed(name, part.leaveOut))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  };

  const pathOf = (file: PackageFile): string => join(packages, file.fileName);

  const download = async (files: readonly PackageFile[]): Promise<void> => {
    const there = await Promise.all(files.map(async (file) => await exists(pathOf(file))));
    const missing = files.filter((_, index) => there[index] !== true);
    if (missing.length === 0) return;
    const temporary = await mkdtemp(join(folder, 'download-'));
    try {
      const wanted = missing.map(({ name, version }) => `${name}=${version}`);
      await runApt(await realpath(current), ['download', '-qq', ...wanted], temporary);
      for (const file of missing) await rename(join(temporary, file.fileName), pathOf(file));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  };

  return { resolve, download, pathOf, refresh };
};
