// What is known of started daemons, one small file each in the state folder. Starts and ends nothing.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { putSecret, readIfThere } from '../files/put-file.ts';
import { isAlive } from './identity.ts';

const recordSchema = z.object({
  name: z.string(),
  pid: z.int().nonnegative(),
  startTicks: z.string(),
  bootId: z.string(),
  launchId: z.string(),
  program: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  uid: z.int().optional(),
  gid: z.int().optional(),
  /** Hash of everything the daemon was started from. */
  fingerprint: z.string(),
  startedAt: z.string(),
  stopSignal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']),
  graceMs: z.number(),
  stuck: z.object({ url: z.string(), says: z.string(), folder: z.string() }).optional(),
  restarts: z.int().nonnegative(),
  quickEnds: z.int().nonnegative(),
  lastEnd: z
    .object({
      at: z.string(),
      livedMs: z.number(),
      startTicks: z.string(),
      problem: z.string().optional(),
    })
    .nullable(),
});

/**
 * A started daemon: how to launch it again as it was, and how to end it.
 *
 * - `pid` is 0 while nobody knows of a process; `launchId` is in the environment of the process that this record is, or
 *   is about to be, about.
 * - `env` is its whole environment but for the variables that mark it.
 * - `startedAt` is an ISO 8601 instant, `graceMs` the time before SIGKILL.
 * - `stuck`: it has to be started again when the answer of `url` has `says` in it and the disk of `folder` has room.
 * - `restarts` counts how often it was launched again since somebody asked for it, `quickEnds` how many of those in a
 *   row ended soon. `lastEnd` is the end of the process that had these `startTicks`, or a launch that failed.
 */
export type DaemonRecord = z.infer<typeof recordSchema>;

/** What a record says as long as no process is known. */
export const NOBODY = { pid: 0, startTicks: '', bootId: '' } as const;

const SUFFIX = '.json';

const fileOf = (runFolder: string, name: string): string => join(runFolder, `${name}${SUFFIX}`);

/** Keeps a record. Only its owner may read it: it holds the daemon's environment. */
export const writeRecord = async (runFolder: string, record: DaemonRecord): Promise<void> => {
  await putSecret(fileOf(runFolder, record.name), `${JSON.stringify(record)}\n`);
};

/** The record of a daemon; undefined when there is none that can be read. */
export const readRecord = async (runFolder: string, name: string): Promise<DaemonRecord | undefined> => {
  const content = await readIfThere(fileOf(runFolder, name));
  if (content === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(content));
  } catch {
    return undefined;
  }
};

/** The record of a daemon that still runs. */
export const readAlive = async (runFolder: string, name: string): Promise<DaemonRecord | undefined> => {
  const record = await readRecord(runFolder, name);
  return record !== undefined && (await isAlive(record)) ? record : undefined;
};

/** Forgets a daemon. */
export const removeRecord = async (runFolder: string, name: string): Promise<void> => {
  await rm(fileOf(runFolder, name), { force: true });
};

/** Names of all daemons that have a record, alive or not. */
export const recordedNames = async (runFolder: string): Promise<readonly string[]> => {
  try {
    return (await readdir(runFolder))
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length));
  } catch {
    return [];
  }
};
