import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogCursor } from './log-cursor.ts';
import type { LogLine } from './log-lines.ts';

interface Written extends LogLine {
  readonly number: number;
}

const startMs = Date.parse('2026-11-25T02:16:56Z');

function line(millis: number, number: number): Written {
  return { at: new Date(startMs + millis).toISOString(), text: new Uint8Array(), number };
}

/** What the kubelet sends: the file in its order, without the lines older than the wanted second. */
function serve(file: readonly Written[], sinceTime: string | undefined): readonly Written[] {
  return file.filter((written) => sinceTime === undefined || Date.parse(written.at) >= Date.parse(sinceTime));
}

/** Steps in milliseconds; small backward ones, as two output streams give them. */
const steps = fc.array(fc.integer({ min: -20, max: 1500 }), { maxLength: 60 });

function fileOf(gaps: readonly number[]): readonly Written[] {
  let millis = 0;
  return gaps.map((gap, number) => {
    millis = Math.max(0, millis + gap);
    return line(millis, number);
  });
}

describe('resuming a log', () => {
  test('every line arrives once and in order, wherever and however often a read breaks off', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat({ max: 60 }), { maxLength: 10 }), (gaps, breaks) => {
        const file = fileOf(gaps);
        const cursor = createLogCursor();
        const got: number[] = [];
        for (const length of [...breaks, file.length]) {
          const isNew = cursor.begin();
          const sent = serve(file, cursor.sinceTime());
          const part = length === file.length ? sent : sent.slice(0, length);
          for (const written of part) if (isNew(written)) got.push(written.number);
        }
        expect(got).toEqual(file.map((written) => written.number));
      }),
    );
  });

  test('lines with equal times are told apart by their count', () => {
    const cursor = createLogCursor();
    const first = cursor.begin();
    expect([line(5, 0), line(5, 1)].map(first)).toEqual([true, true]);
    const second = cursor.begin();
    expect([line(5, 0), line(5, 1), line(5, 2)].map(second)).toEqual([false, false, true]);
  });

  test('a log file that was rotated meanwhile loses no line that is newer', () => {
    const cursor = createLogCursor();
    const first = cursor.begin();
    [line(0, 0), line(100, 1), line(200, 2)].forEach(first);
    const second = cursor.begin();
    expect([line(200, 2), line(300, 3), line(400, 4)].map(second)).toEqual([false, true, true]);
  });

  test('a server that begins at the beginning repeats nothing', () => {
    const file = [line(0, 0), line(5000, 1), line(9000, 2)];
    const cursor = createLogCursor();
    file.forEach(cursor.begin());
    expect(cursor.sinceTime()).toBe('2026-11-25T02:17:04Z');
    expect([...file, line(9100, 3)].map(cursor.begin())).toEqual([false, false, false, true]);
  });
});
