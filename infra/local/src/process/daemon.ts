// Starts and ends processes that outlive this one. Does not know what they are for.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '../files/put-file.ts';
import { findByVariable, identify, isAlive, type ProcessIdentity } from './identity.ts';
import { readAlive, readRecord, recordedNames, removeRecord, writeRecord, type DaemonRecord } from './records.ts';
import { until } from './until.ts';

/** How a daemon is started. */
export type DaemonSpec = {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files that it reads only when it starts: a running daemon is replaced when one of them has changed. */
  readonly files?: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
  readonly stopSignal?: DaemonRecord['stopSignal'];
  /** Time to end by itself before SIGKILL, in milliseconds. */
  readonly graceMs?: number;
};

/** Where the daemons of one platform leave their traces. */
export type DaemonHome = {
  readonly runFolder: string;
  readonly logFolder: string;
  /** Is in the environment of every daemon, so that one whose record was never written is found nevertheless. */
  readonly installationId: string;
};

const LOG_BYTES_MAX = 16 * 2 ** 20;
const KILL_DEADLINE_MS = 10_000;
const GRACE_MS = 10_000;

const variableOf = ({ installationId }: DaemonHome): string => `PODS_INSTALLATION=${installationId}`;

/** Where a daemon's output goes. */
export const logFileOf = (home: DaemonHome, name: string): string => join(home.logFolder, `${name}.log`);

const fingerprintOf = async (spec: DaemonSpec): Promise<string> => {
  const { program, args, env = {}, files = [], uid, gid } = spec;
  const hash = createHash('sha256').update(
    JSON.stringify([
      program,
      args,
      Object.entries(env)
        .map((pair) => pair.join('='))
        .toSorted(),
      uid,
      gid,
    ]),
  );
  for (const file of files) hash.update(`\0${file}\0${(await readIfThere(file)) ?? ''}`);
  return hash.digest('hex');
};

/** Keeps one older log, so that the folder stays bounded over restarts. */
const rotate = async (file: string): Promise<void> => {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_BYTES_MAX) await rename(file, `${file}.1`);
};

const environmentOf = (home: DaemonHome, env: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  // Not the user's: no daemon is to read somebody's kubeconfig or registry login.
  HOME: home.runFolder,
  ...env,
  PODS_INSTALLATION: home.installationId,
});

const launch = async (home: DaemonHome, spec: DaemonSpec): Promise<ProcessIdentity> => {
  const log = await open(logFileOf(home, spec.name), 'a', 0o644);
  try {
    const child = spawn(spec.program, [...spec.args], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: environmentOf(home, spec.env ?? {}),
      cwd: spec.cwd ?? '/',
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    await once(child, 'spawn');
    child.unref();
    const identity = child.pid === undefined ? undefined : await identify(child.pid);
    if (identity === undefined) throw new Error(`${spec.name} ended at once`);
    return identity;
  } finally {
    await log.close();
  }
};

/**
 * Starts a daemon in a session of its own, unless it already runs as asked for. One that runs, but was started from
 * something else, is replaced.
 * @returns whether it was started now.
 */
export const startDaemon = async (home: DaemonHome, spec: DaemonSpec): Promise<boolean> => {
  const fingerprint = await fingerprintOf(spec);
  const running = await readAlive(home.runFolder, spec.name);
  if (running?.fingerprint === fingerprint) return false;
  if (running !== undefined) await haltDaemon(home, spec.name);
  await mkdir(home.runFolder, { recursive: true });
  await mkdir(home.logFolder, { recursive: true });
  await rotate(logFileOf(home, spec.name));
  const identity = await launch(home, spec);
  const { name, stopSignal = 'SIGTERM', graceMs = GRACE_MS } = spec;
  await writeRecord(home.runFolder, {
    ...identity,
    name,
    fingerprint,
    startedAt: new Date().toISOString(),
    stopSignal,
    graceMs,
  });
  return true;
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended since it was looked at.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const ended = (identity: ProcessIdentity) => async (): Promise<void> => {
  if (await isAlive(identity)) throw new Error(`process ${identity.pid} is still there`);
};

/** Ends that one process: politely, then after `graceMs` by SIGKILL. */
export const endProcess = async (identity: ProcessIdentity, signal: NodeJS.Signals, graceMs: number): Promise<void> => {
  if (!(await isAlive(identity))) return;
  send(identity.pid, signal);
  const what = `the end of process ${identity.pid}`;
  try {
    await until(ended(identity), { what, deadlineMs: graceMs, intervalMs: 20 });
  } catch {
    if (await isAlive(identity)) send(identity.pid, 'SIGKILL');
    await until(ended(identity), { what, deadlineMs: KILL_DEADLINE_MS, intervalMs: 20 });
  }
};

/** Ends a daemon by its record, if it runs. Its own time to end by itself may be cut short, in milliseconds. */
export const haltDaemon = async (
  home: DaemonHome,
  name: string,
  graceMsMax = Number.POSITIVE_INFINITY,
): Promise<void> => {
  const record = await readRecord(home.runFolder, name);
  if (record !== undefined) await endProcess(record, record.stopSignal, Math.min(record.graceMs, graceMsMax));
  await removeRecord(home.runFolder, name);
};

/**
 * Ends every daemon of this platform that is left: those with a record first, then those whose record was never
 * written because the starting process was killed in between, and their children.
 */
export const haltRest = async (home: DaemonHome): Promise<void> => {
  await Promise.all(
    (await recordedNames(home.runFolder)).map(async (name) => {
      await haltDaemon(home, name);
    }),
  );
  const left = await findByVariable(variableOf(home));
  await Promise.all(
    left.map(async (identity) => {
      await endProcess(identity, 'SIGTERM', GRACE_MS);
    }),
  );
};

/** The last lines of a daemon's log; none when there is no log. */
export const lastLogLines = async (home: DaemonHome, name: string, count: number): Promise<readonly string[]> => {
  const text = (await readIfThere(logFileOf(home, name))) ?? '';
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
};
