// What a part of the platform is, and how one is started. What the parts are is in the files beside this one.
import type { Platform } from '../platform.ts';
import { startDaemon, type DaemonSpec } from '../process/daemon.ts';
import { lastLogLines, logFileOf } from '../process/log-file.ts';
import { readAlive } from '../process/records.ts';
import { endIfStuck } from '../process/stuck.ts';
import { HopelessError, until } from '../process/until.ts';
import type { ProgramName } from '../programs/catalogue.ts';

/** Absolute paths of everything that is run: what was built, and what apt brings. */
export type Programs = Readonly<Record<ProgramName, string>> & {
  readonly containerd: string;
  readonly ctr: string;
  readonly runc: string;
  /** Folder with the CNI plugins. */
  readonly cniPlugins: string;
};

/** What a platform needs that uses an existing cluster. */
export type BasicPrograms = Pick<Programs, 'nats-server' | 'traefik'>;

/** One process of the platform. `Needs` are the programs that it is made of. */
export type Part<Needs = Programs> = {
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  /** Ports that it listens on, the most important one first. */
  readonly ports: (platform: Platform) => readonly number[];
  /** Writes the files that the process needs and says how it is started. Safe to repeat. */
  readonly prepare: (platform: Platform, programs: Needs) => Promise<DaemonSpec>;
  /** Throws while the part is not ready for use. */
  readonly check: (platform: Platform, signal?: AbortSignal) => Promise<void>;
  /** How long a start may take, in milliseconds. */
  readonly readyMs: number;
};

const LAST_LINES = 8;

/** Each cluster takes about twenty of the machine's inotify instances, of which there are 128 by default. */
const INOTIFY_HINT =
  '\nToo many programs on this machine watch files: end another platform, or raise the limit:\n' +
  '  sysctl -w fs.inotify.max_user_instances=1024';

/** A part that ended instead of becoming ready. */
const explainEnd = async (platform: Platform, part: Pick<Part, 'name' | 'title'>): Promise<HopelessError> => {
  const lines = await lastLogLines(platform.home, part.name, LAST_LINES);
  const limit = lines.some((line) => line.includes('too many open files')) ? INOTIFY_HINT : '';
  return new HopelessError(
    `${part.title} ended by itself. The end of ${logFileOf(platform.home, part.name)}:\n${lines.join('\n')}${limit}`,
  );
};

/** Waits until a started part is ready. @throws HopelessError when its process has ended, DeadlineError when it takes too long. */
export const untilReady = async (
  platform: Platform,
  part: Omit<Part, 'prepare'>,
  signal: AbortSignal,
): Promise<void> => {
  const check = async (): Promise<void> => {
    if ((await readAlive(platform.folders.run, part.name)) === undefined) throw await explainEnd(platform, part);
    await part.check(platform, signal);
  };
  await until(check, {
    what: `${part.title} being ready (see ${logFileOf(platform.home, part.name)})`,
    deadlineMs: part.readyMs,
    signal,
  });
};

/** Starts a part if it does not run. @returns whether it was started now. */
export const launchPart = async <Needs>(platform: Platform, part: Part<Needs>, programs: Needs): Promise<boolean> =>
  await startDaemon(platform.home, { ...(await part.prepare(platform, programs)), name: part.name });

/** Starts a part if it does not run, and waits until it is ready. */
export const startPart = async <Needs>(
  platform: Platform,
  part: Part<Needs>,
  programs: Needs,
  signal: AbortSignal,
): Promise<void> => {
  await endIfStuck(platform.folders.run, part.name);
  await launchPart(platform, part, programs);
  await untilReady(platform, part, signal);
};
