// Where a reader of a log stands, so that a later read goes on without a gap and without a repetition. The API
// server starts a read at a whole second only, so a read that resumes repeats lines: they are counted off.
import type { LogLine } from './log-lines.ts';

export interface LogCursor {
  /** Where the next read has to start, a second early; undefined for the beginning. */
  readonly sinceTime: () => string | undefined;
  /** Begins a read from {@link LogCursor.sinceTime}. The function says of each line, in order, whether it is new. */
  readonly begin: () => (line: LogLine) => boolean;
}

interface Time {
  readonly second: number;
  readonly nanos: number;
}

/**
 * A cursor at the beginning. The kubelet leaves out each line older than the wanted second and keeps the file's
 * order, so the first lines of a resumed read are the ones already counted for that second on. A log file that was
 * rotated meanwhile begins later; there the first line newer than all before ends the repetition.
 */
export function createLogCursor(): LogCursor {
  let newest: Time | undefined;
  /** Lines of the newest second, and of the second before it. */
  let count = 0;
  let countBefore = 0;

  const remember = (time: Time): void => {
    const newestSecond = newest?.second;
    if (newestSecond === undefined || time.second > newestSecond) {
      countBefore = newestSecond === time.second - 1 ? count : 0;
      count = 1;
    } else if (time.second === newestSecond) {
      count += 1;
    } else if (time.second === newestSecond - 1) {
      countBefore += 1;
    }
    if (newest === undefined || isAfter(time, newest)) newest = time;
  };

  return {
    sinceTime: () => (newest === undefined ? undefined : secondText(newest.second - 1)),
    begin: () => {
      const resumed = newest;
      let repeated = count + countBefore;
      return (line) => {
        const time = timeOf(line.at);
        if (resumed !== undefined) {
          if (time.second < resumed.second - 1) return false;
          if (isAfter(time, resumed)) repeated = 0;
          if (repeated > 0) {
            repeated -= 1;
            return false;
          }
        }
        remember(time);
        return true;
      };
    },
  };
}

function isAfter(a: Time, b: Time): boolean {
  return a.second === b.second ? a.nanos > b.nanos : a.second > b.second;
}

function timeOf(instant: string): Time {
  const [, digits = ''] = /\.(\d+)/.exec(instant) ?? [];
  return { second: Math.floor(Date.parse(instant) / 1000), nanos: Number(digits.padEnd(9, '0').slice(0, 9)) };
}

function secondText(second: number): string {
  return new Date(second * 1000).toISOString().replace('.000Z', 'Z');
}
