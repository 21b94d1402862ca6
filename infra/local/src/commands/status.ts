// How the parts of a platform are, now. Changes nothing.
import { checkExistingCluster } from '../cluster/existing/check.ts';
import type { ExistingCluster } from '../cluster/existing/mark.ts';
import { KEEPER } from '../keeper/round.ts';
import { partsOf } from '../parts/all.ts';
import type { Part } from '../parts/part.ts';
import type { Platform } from '../platform.ts';
import { isAlive } from '../process/identity.ts';
import { lastLogLines, logFileOf } from '../process/log-file.ts';
import { readAlive, readRecord, type DaemonRecord } from '../process/records.ts';
import { formatDuration, type Paint } from '../ui/style.ts';
import { describeRestarts, explainEnd } from './ends.ts';

/** `up`: runs and is well. `unwell`: runs, but its check fails. `dead`: was started and has ended. `down`: not started. */
export type Health = 'up' | 'unwell' | 'dead' | 'down';

/** One part. Times are ISO 8601 instants. */
export type PartStatus = {
  readonly name: string;
  readonly title: string;
  readonly health: Health;
  readonly pid: number | undefined;
  readonly startedAt: string | undefined;
  /** How often it has ended by itself and was started again, since somebody started it. */
  readonly restarts: number;
  /** How many ends in a row came soon after a start. */
  readonly quickEnds: number;
  readonly lastEndAt: string | undefined;
  readonly lastRestartAt: string | undefined;
  readonly ports: readonly number[];
  /** Why it is not up. */
  readonly problem: string | undefined;
  readonly lastLogLine: string | undefined;
  /** Undefined for what runs elsewhere. */
  readonly logFile: string | undefined;
};

const CHECK_MS = 8_000;

const problemOf = async (check: (deadline: AbortSignal) => Promise<void>): Promise<string | undefined> => {
  const deadline = AbortSignal.timeout(CHECK_MS);
  try {
    await check(deadline);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const endsOf = (
  record: DaemonRecord | undefined,
): Pick<PartStatus, 'restarts' | 'quickEnds' | 'lastEndAt' | 'lastRestartAt'> => ({
  restarts: record?.restarts ?? 0,
  quickEnds: record?.quickEnds ?? 0,
  lastEndAt: record?.lastEnd?.at,
  lastRestartAt: record === undefined || record.restarts === 0 ? undefined : record.startedAt,
});

const statusOf = async (platform: Platform, part: Part, keeperLives: boolean): Promise<PartStatus> => {
  const record = await readRecord(platform.folders.run, part.name);
  const alive = record !== undefined && (await isAlive(record));
  const problem = alive ? await problemOf(async (deadline) => await part.check(platform, deadline)) : undefined;
  const stopped = record === undefined ? 'down' : 'dead';
  const health = alive ? (problem === undefined ? 'up' : 'unwell') : stopped;
  const [line] = health === 'up' || health === 'down' ? [] : await lastLogLines(platform.home, part.name, 1);
  return {
    name: part.name,
    title: part.title,
    health,
    pid: alive ? record.pid : undefined,
    startedAt: alive ? record.startedAt : undefined,
    ...endsOf(record),
    ports: part.ports(platform),
    problem: record !== undefined && !alive ? explainEnd(record, keeperLives, Date.now()) : problem,
    lastLogLine: line,
    logFile: logFileOf(platform.home, part.name),
  };
};

/** A cluster that is somebody else's has no process here: it is as well as it answers. */
const existingClusterStatus = async (platform: Platform, { context }: ExistingCluster): Promise<PartStatus> => {
  const problem = await problemOf(async (deadline) => {
    await checkExistingCluster(platform, deadline);
  });
  return {
    name: 'kubernetes',
    title: `Kubernetes (existing, context ${context})`,
    health: problem === undefined ? 'up' : 'unwell',
    pid: undefined,
    startedAt: undefined,
    ...endsOf(undefined),
    ports: [],
    problem,
    lastLogLine: undefined,
    logFile: undefined,
  };
};

/** All parts, in the order in which they are shown. */
export const statusOfAll = async (platform: Platform): Promise<readonly PartStatus[]> => {
  const keeperLives = (await readAlive(platform.folders.run, KEEPER)) !== undefined;
  const parts = await Promise.all(partsOf(platform).map(async (part) => await statusOf(platform, part, keeperLives)));
  const { existing } = platform;
  // Of a platform that does not run nobody wants to know how somebody's cluster is.
  if (existing === undefined || parts.every(({ pid }) => pid === undefined)) return parts;
  return [await existingClusterStatus(platform, existing), ...parts];
};

const mark = (health: Health, paint: Paint): string => {
  switch (health) {
    case 'up':
      return paint.good('✓');
    case 'unwell':
    case 'dead':
      return paint.bad('✗');
    case 'down':
      return paint.dim('·');
  }
};

const renderRow = (part: PartStatus, nowMs: number, paint: Paint): string => {
  const pid = part.pid === undefined ? '' : String(part.pid);
  const since = part.startedAt === undefined ? '' : formatDuration(Math.max(0, nowMs - Date.parse(part.startedAt)));
  const restarts = describeRestarts(part, nowMs);
  return [
    `  ${mark(part.health, paint)} ${part.title.padEnd(23)} ${part.health.padEnd(7)} ${pid.padStart(8)}`,
    since.padStart(11),
    part.ports.join(' ').padEnd(restarts === undefined ? 0 : 10),
    restarts === undefined ? '' : paint.busy(restarts),
  ]
    .join('  ')
    .trimEnd();
};

/** A table for people; what is wrong stands below its part, with the last line of its log. */
export const renderStatus = (parts: readonly PartStatus[], paint: Paint): readonly string[] =>
  parts.flatMap((part) => {
    const row = renderRow(part, Date.now(), paint);
    const details = [
      part.problem,
      part.lastLogLine === undefined ? undefined : `log: ${part.lastLogLine}`,
      part.health === 'up' ? undefined : part.logFile,
    ];
    const shown = part.health === 'down' ? [] : details.filter((line) => line !== undefined);
    return [row, ...shown.map((line) => `      ${paint.dim(line.slice(0, 400))}`)];
  });

/** Everything in one line. */
export const renderBrief = (parts: readonly PartStatus[], paint: Paint): string => {
  const bad = parts.filter(({ health }) => health !== 'up');
  if (bad.length === 0) return paint.good(`all ${parts.length} parts are well`);
  return paint.bad(bad.map(({ title, health }) => `${title} is ${health}`).join(', '));
};
