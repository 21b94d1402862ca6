// Tells processes apart for good: a process id is given again, an id with its start time is not.
import { readdir, readFile } from 'node:fs/promises';

/** One process of one boot of the machine. `startTicks` counts since boot, as field 22 of /proc/PID/stat has it. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: string; readonly bootId: string };

const FIELDS_BEFORE_NAME_END = 2;
const STATE_FIELD = 3;
const START_FIELD = 22;

/** State letter and start time of the text of /proc/PID/stat; the name in it may hold spaces and brackets. */
export const parseStat = (stat: string): { readonly state: string; readonly startTicks: string } | undefined => {
  const afterName = stat
    .slice(stat.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  const field = (number: number): string | undefined => afterName[number - FIELDS_BEFORE_NAME_END - 1];
  const [state, startTicks] = [field(STATE_FIELD), field(START_FIELD)];
  return state === undefined || startTicks === undefined || startTicks === '' ? undefined : { state, startTicks };
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

/** Who has this process id now; undefined when nobody, or a process that has ended and only waits to be collected. */
export const identify = async (pid: number): Promise<ProcessIdentity | undefined> => {
  const [stat, bootId] = await Promise.all([readProcFile(`/proc/${pid}/stat`), readBootId()]);
  const parsed = stat === undefined ? undefined : parseStat(stat);
  if (parsed === undefined || 'ZX'.includes(parsed.state)) return undefined;
  return { pid, startTicks: parsed.startTicks, bootId };
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
