// Starts and ends processes that outlive this one. Does not know what they are for.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { readIfThere } from '../files/put-file.ts';
import { findByVariable, isAlive, type ProcessIdentity } from './identity.ts';
import { launch, markOf, readRunning, type DaemonHome } from './launch.ts';
import { logFileOf, rotateLog } from './log-file.ts';
import { NOBODY, recordedNames, removeRecord, type DaemonRecord } from './records.ts';
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
  /** How it says that it goes on only after a new start, for which the disk of `folder` needs room. */
  readonly stuck?: DaemonRecord['stuck'];
};

const KILL_DEADLINE_MS = 10_000;
const GRACE_MS = 10_000;

const fingerprintOf = async (spec: DaemonSpec): Promise<string> => {
  const { program, args, env = {}, files = [], uid, gid, stuck } = spec;
  const hash = createHash('sha256').update(
    JSON.stringify([
      program,
      args,
      Object.entries(env)
        .map((pair) => pair.join('='))
        .toSorted(),
      uid,
      gid,
      ...(stuck === undefined ? [] : [stuck]),
    ]),
  );
  for (const file of files) hash.update(`\0${file}\0${(await readIfThere(file)) ?? ''}`);
  return hash.digest('hex');
};

const environmentOf = (home: DaemonHome, env: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  // Not the user's: no daemon is to read somebody's kubeconfig or registry login.
  HOME: home.runFolder,
  ...env,
});

const recordOf = (home: DaemonHome, spec: DaemonSpec, fingerprint: string): DaemonRecord => ({
  ...NOBODY,
  name: spec.name,
  launchId: '',
  program: spec.program,
  args: [...spec.args],
  env: environmentOf(home, spec.env ?? {}),
  cwd: spec.cwd ?? '/',
  ...(spec.uid === undefined ? {} : { uid: spec.uid }),
  ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  fingerprint,
  startedAt: new Date().toISOString(),
  stopSignal: spec.stopSignal ?? 'SIGTERM',
  graceMs: spec.graceMs ?? GRACE_MS,
  ...(spec.stuck === undefined ? {} : { stuck: spec.stuck }),
  restarts: 0,
  quickEnds: 0,
  lastEnd: null,
});

/**
 * Starts a daemon in a session of its own, unless it already runs as asked for. One that runs, but was started from
 * something else, is replaced.
 * @returns whether it was started now.
 */
export const startDaemon = async (home: DaemonHome, spec: DaemonSpec): Promise<boolean> => {
  const fingerprint = await fingerprintOf(spec);
  const running = await readRunning(home, spec.name);
  if (running?.fingerprint === fingerprint) return false;
  if (running !== undefined) await haltDaemon(home, spec.name);
  await mkdir(home.runFolder, { recursive: true });
  await mkdir(home.logFolder, { recursive: true });
  await rotateLog(logFileOf(home, spec.name));
  await launch(home, recordOf(home, spec, fingerprint));
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
  const record = await readRunning(home, name);
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
  const left = await findByVariable(markOf(home));
  await Promise.all(
    left.map(async (identity) => {
      await endProcess(identity, 'SIGTERM', GRACE_MS);
    }),
  );
};
