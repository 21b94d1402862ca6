// Launches one daemon from its record, so that whoever does it may be killed at any instruction and the next one neither
// loses the process nor starts a second one. Decides nothing about when.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { findLeader, identify, isAlive, type ProcessIdentity } from './identity.ts';
import { logFileOf } from './log-file.ts';
import { readRecord, writeRecord, type DaemonRecord } from './records.ts';

/** Where the daemons of one platform leave their traces. */
export type DaemonHome = {
  readonly runFolder: string;
  readonly logFolder: string;
  /** Is in the environment of every daemon, so that one whose record was never written is found nevertheless. */
  readonly installationId: string;
};

/** A daemon that could not be started, or ended in the same moment. */
export class LaunchError extends Error {
  constructor(name: string, cause: unknown) {
    super(`${name} could not be launched: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'LaunchError';
  }
}

/** `NAME=value` that every process of the platform has in its environment. */
export const markOf = ({ installationId }: DaemonHome): string => `PODS_INSTALLATION=${installationId}`;

const spawnDaemon = async (home: DaemonHome, record: DaemonRecord): Promise<ProcessIdentity> => {
  const log = await open(logFileOf(home, record.name), 'a', 0o644);
  try {
    const child = spawn(record.program, record.args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...record.env, PODS_INSTALLATION: home.installationId, PODS_LAUNCH: record.launchId },
      cwd: record.cwd,
      ...(record.uid === undefined ? {} : { uid: record.uid }),
      ...(record.gid === undefined ? {} : { gid: record.gid }),
    });
    await once(child, 'spawn');
    child.unref();
    const identity = child.pid === undefined ? undefined : await identify(child.pid);
    if (identity === undefined) throw new Error('it ended at once');
    return identity;
  } catch (error) {
    throw new LaunchError(record.name, error);
  } finally {
    await log.close();
  }
};

const keep = async (home: DaemonHome, record: DaemonRecord): Promise<DaemonRecord> => {
  await writeRecord(home.runFolder, record);
  return record;
};

/** Says in the record whose it is now. */
const adopt = async (home: DaemonHome, record: DaemonRecord, identity: ProcessIdentity): Promise<DaemonRecord> =>
  await keep(home, { ...record, ...identity, startedAt: new Date().toISOString() });

/**
 * Launches the daemon of a record, in a session of its own. The record is written before, with the mark that the new
 * process will carry, and after, with the process.
 * @throws LaunchError; the record then still says what was tried.
 */
export const launch = async (home: DaemonHome, record: DaemonRecord): Promise<DaemonRecord> => {
  const intent = await keep(home, { ...record, launchId: randomUUID() });
  return await adopt(home, intent, await spawnDaemon(home, intent));
};

/**
 * The record of a daemon that runs, with its process: also of one whose launcher was killed before it could write down
 * which process that is.
 */
export const readRunning = async (home: DaemonHome, name: string): Promise<DaemonRecord | undefined> => {
  const record = await readRecord(home.runFolder, name);
  if (record === undefined || (await isAlive(record))) return record;
  // Its children carry the mark too, but are in its session.
  const leader = await findLeader(`PODS_LAUNCH=${record.launchId}`);
  return leader === undefined ? undefined : await adopt(home, record, leader);
};
