// The processes that the platform consists of, as its records tell them. Ends them as a crash would; the platform's keeper
// starts them again.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@pods/testing';
import { z } from 'zod';

const recordSchema = z.looseObject({ name: z.string(), pid: z.int(), startTicks: z.string(), restarts: z.int() });
type DaemonRecord = z.infer<typeof recordSchema>;

export interface Daemons {
  /** All that were started, the keeper too. */
  readonly names: () => Promise<readonly string[]>;
  /** Ends the process of a daemon by SIGKILL. Returns what was known of it. */
  readonly kill: (name: string) => Promise<DaemonRecord>;
  /** Its process id now. */
  readonly pidOf: (name: string) => Promise<number>;
  /** Waits until another process has taken the place of this one, and lives. */
  readonly untilReplaced: (killed: DaemonRecord, timeoutMs?: number) => Promise<void>;
}

const isRunning = async ({ pid, startTicks }: DaemonRecord): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[19] === startTicks && fields[0] !== 'Z';
};

/** The daemons of the platform with this state folder. */
export function openDaemons(stateDir: string): Daemons {
  const folder = join(stateDir, 'run');
  const read = async (name: string): Promise<DaemonRecord> =>
    recordSchema.parse(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')));
  return {
    names: async () =>
      (await readdir(folder)).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length)),
    kill: async (name) => {
      const record = await read(name);
      // The id of a process that has ended may be somebody else's by now.
      if (!(await isRunning(record))) throw new Error(`${name} is not running`);
      process.kill(record.pid, 'SIGKILL');
      return record;
    },
    pidOf: async (name) => (await read(name)).pid,
    untilReplaced: async (killed, timeoutMs = 30_000) => {
      await eventually(
        async () => {
          const now = await read(killed.name);
          if (now.startTicks === killed.startTicks || !(await isRunning(now)))
            throw new Error(`${killed.name} has not come back`);
        },
        { timeoutMs, intervalMs: 50 },
      );
    },
  };
}
