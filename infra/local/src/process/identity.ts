// Tells processes apart for good: a process id is given again, an id with its start time is not.
import { readdir, readFile } from 'node:fs/promises';

/** One process of one boot of the machine. `startTicks` counts since boot, as field 22 of /proc/PID/stat has it. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: string; readonly bootId: string };

const FIELDS_BEFORE_NAME_END = 2;
const STATE_FIELD = 3;
const SESSION_FIELD = 6;
const START_FIELD = 22;

/** State letter, session and start time of a process. */
export type ProcessStat = { readonly state: string; readonly session: number; readonly startTicks: string };

/** Reads the text of /proc/PID/stat; the name in it may hold spaces and brackets. */
export const parseStat = (stat: string): ProcessStat | undefined => {
  const afterName = stat
    .slice(stat.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  const field = (number: number): string | undefined => afterName[number - FIELDS_BEFORE_NAME_END - 1];
  const [state, startTicks] = [field(STATE_FIELD), field(START_FIELD)];
  if (state === undefined || startTicks === undefined || startTicks === '') return undefined;
  return { state, session: Number(field(SESSION_FIELD)), startTicks };
};

const readProcFile = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** Identifies this boot of the machine. */
const readBootId = async (): Promise<string> => (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();

const statOf = async (pid: number): Promise<ProcessStat | undefined> => {
  const stat = await readProcFile(`/proc/${pid}/stat`);
  const parsed = stat === undefined ? undefined : parseStat(stat);
  return parsed === undefined || 'ZX'.includes(parsed.state) ? undefined : parsed;
};

/** Who has this process id now; undefined when nobody, or a process that has ended and only waits to be collected. */
export const identify = async (pid: number): Promise<ProcessIdentity | undefined> => {
  const [stat, bootId] = await Promise.all([statOf(pid), readBootId()]);
  return stat === undefined ? undefined : { pid, startTicks: stat.startTicks, bootId };
};

/** Whether that very process still runs. */
export const isAlive = async (identity: ProcessIdentity): Promise<boolean> => {
  const now = await identify(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
};

/** The processes whose environment, as it was when they started, holds this `NAME=value`. */
export const findByVariable = async (variable: string): Promise<readonly ProcessIdentity[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readProcFile(`/proc/${pid}/environ`);
      return environment?.split('\0').includes(variable) === true ? await identify(pid) : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
};

/** Of the processes with this `NAME=value` the one that leads a session of its own. */
export const findLeader = async (variable: string): Promise<ProcessIdentity | undefined> => {
  for (const identity of await findByVariable(variable)) {
    if ((await statOf(identity.pid))?.session === identity.pid) return identity;
  }
  return undefined;
};
