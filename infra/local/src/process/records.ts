// What is known of started daemons, one small file each in the state folder. Starts and ends nothing.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { putFile, readIfThere } from '../files/put-file.ts';
import { isAlive } from './identity.ts';

const recordSchema = z.object({
  name: z.string(),
  pid: z.number().int().positive(),
  startTicks: z.string(),
  bootId: z.string(),
  /** Hash of everything the daemon was started from. */
  fingerprint: z.string(),
  startedAt: z.string(),
  stopSignal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']),
  graceMs: z.number(),
});

/** A started daemon, and how to end it. `startedAt` is an ISO 8601 instant, `graceMs` the time before SIGKILL. */
export type DaemonRecord = z.infer<typeof recordSchema>;

const SUFFIX = '.json';

const fileOf = (runFolder: string, name: string): string => join(runFolder, `${name}${SUFFIX}`);

/** Keeps a record. */
export const writeRecord = async (runFolder: string, record: DaemonRecord): Promise<void> => {
  await putFile(fileOf(runFolder, record.name), `${JSON.stringify(record)}\n`);
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
