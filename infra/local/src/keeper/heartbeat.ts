// The file by which others see that the keeper does its work, and not only exists.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How often the keeper shows that it works, in milliseconds. */
export const HEARTBEAT_MS = 10_000;

/** Holds the keeper's process id; its time is that of the last heartbeat. */
export const heartbeatFileOf = (runFolder: string): string => join(runFolder, 'keeper.heartbeat');

/** Shows that this process works as the keeper. */
export const beat = async (runFolder: string): Promise<void> => {
  await writeFile(heartbeatFileOf(runFolder), String(process.pid));
};
