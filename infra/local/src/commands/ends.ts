// What is said about parts that have ended by themselves. Pure.
import { isEndNoted, isSettled, waitMsOf } from '../keeper/backoff.ts';
import { KEEPER } from '../keeper/round.ts';
import type { DaemonRecord } from '../process/records.ts';
import { formatDuration } from '../ui/style.ts';

/** What there is to say about a part's ends; times are ISO 8601 instants, `startedAt` only of a process that runs. */
export type Ends = {
  readonly title: string;
  readonly startedAt: string | undefined;
  readonly restarts: number;
  readonly quickEnds: number;
  readonly lastRestartAt: string | undefined;
};

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** So many ends in a row, each soon after its start, are no accident any more. */
const AGAIN_AND_AGAIN = 2;

const isHopeless = ({ quickEnds }: Pick<Ends, 'quickEnds'>): boolean => quickEnds >= AGAIN_AND_AGAIN;

const plan = (record: DaemonRecord, nowMs: number): string => {
  const waitMs = isEndNoted(record) ? waitMsOf(record, nowMs) : 0;
  return waitMs === 0 ? 'it is being started again' : `it is started again in ${formatDuration(waitMs)}`;
};

/** Why a part whose process has ended is not there, and what comes next. */
export const explainEnd = (record: DaemonRecord, keeperLives: boolean, nowMs: number): string => {
  if (record.name === KEEPER)
    return 'its process has ended, so nothing that ends is started again; npm start starts it';
  const often = `it ends again and again, ${times(record.quickEnds)} in a row soon after its start`;
  const what = record.lastEnd?.problem ?? (isHopeless(record) ? often : 'its process has ended');
  return keeperLives
    ? `${what}; ${plan(record, nowMs)}`
    : `${what}; the keeper does not run either, npm start starts both`;
};

/** How often a part has been started again; undefined when it has not. */
export const describeRestarts = (part: Ends, nowMs: number): string | undefined => {
  if (part.restarts === 0 || part.lastRestartAt === undefined) return undefined;
  const ago = formatDuration(Math.max(0, nowMs - Date.parse(part.lastRestartAt)));
  const isOver = part.startedAt !== undefined && isSettled(part.startedAt, nowMs);
  const trouble = isHopeless(part) && !isOver ? ', ends again and again' : '';
  return `restarted ${times(part.restarts)}, last ${ago} ago${trouble}`;
};

/** What has been started again between two looks, in words. */
export const newRestarts = (
  before: readonly (Ends & { readonly name: string })[],
  now: readonly (Ends & { readonly name: string })[],
): readonly string[] =>
  now.flatMap(({ name, title, restarts }) => {
    const known = before.find((part) => part.name === name)?.restarts ?? restarts;
    return restarts > known ? [`${title} had ended and was started again (restart ${restarts})`] : [];
  });
