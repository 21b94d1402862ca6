// When a daemon that has ended is launched again. Pure.
import type { DaemonRecord } from '../process/records.ts';

/** A process that lived at least this long, in milliseconds, had started well. */
const SETTLED_MS = 10_000;
const FIRST_DELAY_MS = 1_000;
const DELAY_MS_MAX = 30_000;

/** What of a record has to do with ends. */
export type Ends = Pick<DaemonRecord, 'startTicks' | 'startedAt' | 'restarts' | 'quickEnds' | 'lastEnd'>;

/** Whether the end of the process of this record is written down already. */
export const isEndNoted = ({ startTicks, lastEnd }: Ends): boolean => lastEnd?.startTicks === startTicks;

/** Whether a process that runs since then, an ISO 8601 instant, counts as well started. */
export const isSettled = (startedAt: string, nowMs: number): boolean => nowMs - Date.parse(startedAt) >= SETTLED_MS;

/** The record of a daemon after its process was found to have ended. */
export const noteEnd = <Record extends Ends>(record: Record, nowMs: number): Record => {
  const livedMs = Math.max(0, nowMs - Date.parse(record.startedAt));
  // A first end is nothing to wait for, however early: only one after a launch by the keeper shows that it was of no use.
  const wasQuick = record.restarts > 0 && livedMs < SETTLED_MS;
  return {
    ...record,
    quickEnds: wasQuick ? record.quickEnds + 1 : 0,
    lastEnd: { at: new Date(nowMs).toISOString(), livedMs, startTicks: record.startTicks },
  };
};

/** Time between an end and the next launch, in milliseconds. It doubles with every end in a row that came soon. */
export const delayMsOf = ({ quickEnds }: Pick<Ends, 'quickEnds'>): number =>
  quickEnds === 0 ? 0 : Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** (quickEnds - 1));

/** Time until the next launch of a daemon that has ended, in milliseconds. */
export const waitMsOf = (record: Pick<Ends, 'quickEnds' | 'lastEnd'>, nowMs: number): number => {
  if (record.lastEnd === null) return 0;
  const sinceMs = nowMs - Date.parse(record.lastEnd.at);
  // The clock was put back: nobody waits for a time that may be far away.
  return sinceMs < 0 ? 0 : Math.max(0, delayMsOf(record) - sinceMs);
};
