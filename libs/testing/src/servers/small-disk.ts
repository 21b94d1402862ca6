// A disk of its own for one server: memory that is mounted below the guard's folder, goes with it, and can be full.
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Guard } from './start-guard.ts';

const run = promisify(execFile);

export interface SmallDisk {
  readonly folder: string;
  /** Takes all the room that is left; returns what gives it back. */
  readonly fill: () => Promise<() => Promise<void>>;
}

/** Mounts an empty disk of this many bytes. Needs root. */
export async function mountSmallDisk(guard: Guard, sizeBytes: number): Promise<SmallDisk> {
  const folder = join(guard.folder, 'disk');
  await mkdir(folder);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder]);
  guard.atEnd('umount', [folder]);
  return {
    folder,
    fill: async () => {
      const file = join(folder, 'filling');
      try {
        await writeFile(file, new Uint8Array(sizeBytes));
        throw new Error(`there was room for ${sizeBytes} bytes more`);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
      return () => rm(file);
    },
  };
}
