import { createHash } from 'node:crypto';
// Asks apt which packages an image needs and fetches them, in a state folder of its own: nothing of
// this machine's package state is read, changed or locked, and no special rights are needed.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

const optionsOf = (folder: string): readonly string[] =>
  [
    `Dir::State=${folder}/state`,
    `Dir::State::status=${folder}/nothing-installed`,
    `Dir::Cache=${folder}/cache`,
    'APT::Sandbox::User=root',
    'APT::Install-Recommends=false',
    'Debug::NoLocking=1',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
  ].flatMap((option) => ['-o', option]);

const runApt = async (folder: string, args: readonly string[], cwd = folder): Promise<string> =>
  await runProgram('apt-get', {
    args: [...args, ...optionsOf(folder)],
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

/** Opens (or makes) the state folder `folder`, which may be used by several processes at once. */
export const openApt = async (folder: string): Promise<Apt> => {
  const resolved = join(folder, 'resolved');
  const packages = join(folder, 'packages');
  const lists = join(folder, 'state', 'lists');
  for (const path of [resolved, packages, join(lists, 'partial'), join(folder, 'cache', 'archives', 'partial')]) {
    await mkdir(path, { recursive: true });
  }
  await writeFile(join(folder, 'nothing-installed'), '', { flag: 'a' });

  const refresh = async (): Promise<void> => {
    await rm(resolved, { recursive: true, force: true });
    await mkdir(resolved, { recursive: true });
    // A broken source of somebody else's must not stop us; whether the lists suffice shows when resolving.
    await runApt(folder, ['update', '-qq']).catch((error: unknown) => {
      if (!(error instanceof ImageBuildError) || error.code === 'no-apt') throw error;
    });
  };

  const ask = async (part: DebianPart): Promise<string> => {
    if (!(await readdir(lists)).some((name) => name.endsWith('_Packages') || name.includes('_Packages.')))
      await refresh();
    return await runApt(folder, ['install', '--print-uris', '--yes', '-qq', ...part.packages]);
  };

  const resolve = async (part: DebianPart): Promise<readonly PackageFile[]> => {
    const remembered = join(resolved, createHash('sha256').update(part.packages.join('\n')).digest('hex'));
    let answer = await readFile(remembered, 'utf8').catch(() => undefined);
    if (answer === undefined) {
      answer = await ask(part);
      await writeFile(`${remembered}.${process.pid}`, answer);
      await rename(`${remembered}.${process.pid}`, remembered);
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
      await runApt(folder, ['download', '-qq', ...missing.map(({ name, version }) => `${name}=${version}`)], temporary);
      for (const file of missing) await rename(join(temporary, file.fileName), pathOf(file));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  };

  return { resolve, download, pathOf, refresh };
};
