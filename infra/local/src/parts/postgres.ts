// Postgres as a part: its data folder, its passwords, its process. Roles and tables of the apps are provision's.
import { randomUUID } from 'node:crypto';
import { access, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { ensurePassword } from '../files/password.ts';
import type { Platform } from '../platform.ts';
import { readAlive } from '../process/records.ts';
import { run } from '../process/run.ts';
import { DeadlineError, until } from '../process/until.ts';
import type { Part } from './part.ts';
import { ensurePostgresPrograms, ensureSystemUser, type SystemUser } from './postgres-programs.ts';

/** Name of the superuser, and of the database that is always there. */
const ADMIN = 'postgres';

/** URL of a database for a role with its password. Holds a secret. */
const databaseUrl = ({ settings }: Platform, role: string, password: string, database: string): string =>
  `postgres://${role}:${password}@127.0.0.1:${settings.ports.postgres}/${database}`;

/** URL by which the superuser connects. */
export const adminDatabaseUrl = async (platform: Platform, database = ADMIN): Promise<string> =>
  databaseUrl(platform, ADMIN, await ensurePassword(platform, 'postgres-admin'), database);

const isThere = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  );

/** Makes a new data folder beside its place and moves it there, so that a half-made one is never taken for good. */
const initialise = async (platform: Platform, programs: string, user: SystemUser): Promise<void> => {
  const { folders } = platform;
  const draft = join(folders.postgres, `draft-${randomUUID()}`);
  const passwordFile = `${draft}.password`;
  await mkdir(draft, { mode: 0o700 });
  await chown(draft, user.uid, user.gid);
  try {
    await writeFile(passwordFile, await ensurePassword(platform, 'postgres-admin'), { mode: 0o600 });
    await chown(passwordFile, user.uid, user.gid);
    const flags = [
      `--pgdata=${draft}`,
      `--username=${ADMIN}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
    ];
    await run(join(programs, 'bin', 'initdb'), flags, { ...user, cwd: '/' });
    await rename(draft, join(folders.postgres, 'data'));
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
};

const GONE_MS = 10_000;

/**
 * Waits until the killed process that still stands in the data folder's lock file is gone from the table of processes:
 * Postgres refuses to start before. A process that took its number since then is none of Postgres's.
 */
const untilPredecessorIsGone = async (data: string): Promise<void> => {
  const lock = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(lock, 10);
  if (Number.isNaN(pid)) return;
  const gone = async (): Promise<void> => {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 'postgres') throw new Error(`process ${pid} is still there`);
  };
  try {
    await until(gone, { what: 'the end of the Postgres that was killed', deadlineMs: GONE_MS, intervalMs: 50 });
  } catch (error) {
    // Postgres itself says best what is in its way.
    if (!(error instanceof DeadlineError)) throw error;
  }
};

/** Postgres. */
export const postgres: Part<unknown> = {
  name: 'postgres',
  title: 'Postgres',
  ports: ({ settings }) => [settings.ports.postgres],
  readyMs: 60_000,
  prepare: async (platform) => {
    const { folders, settings } = platform;
    const user = await ensureSystemUser();
    const programs = await ensurePostgresPrograms(platform, user);
    const data = join(folders.postgres, 'data');
    if (!(await isThere(data))) await initialise(platform, programs, user);
    else if ((await readAlive(folders.run, 'postgres')) === undefined) await untilPredecessorIsGone(data);
    const options = {
      port: settings.ports.postgres,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: 100,
    };
    return {
      name: 'postgres',
      program: join(programs, 'bin', 'postgres'),
      args: ['-D', data, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      ...user,
      // Ends without waiting for clients; SIGTERM would wait for them.
      stopSignal: 'SIGINT',
    };
  },
  check: async (platform) => {
    const client = new Client({
      connectionString: await adminDatabaseUrl(platform),
      connectionTimeoutMillis: 2_000,
      query_timeout: 2_000,
    });
    // Without a listener an error on the idle connection would end this process.
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query('select 1');
    } finally {
      await client.end();
    }
  },
};
