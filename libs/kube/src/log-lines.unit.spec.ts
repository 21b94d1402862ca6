import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogLine, LogNotice } from './log-lines.ts';
import { createLogSplitter } from './log-lines.ts';

const at = '2026-11-25T02:16:56.645432822Z';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const shown = (lines: readonly (LogLine | LogNotice)[]): readonly (readonly [string, string])[] =>
  lines.map((line) =>
    'notice' in line ? ['notice', line.notice] : [line.at, new TextDecoder('utf-8').decode(line.text)],
  );

describe('splitting a log into lines', () => {
  test('gives time and text of each line, however the body is cut into pieces', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 20 }), (texts, cuts) => {
        const body = bytes(texts.map((text) => `${at} ${text}\n`).join(''));
        const places = [0, ...cuts.map((cut) => cut % (body.byteLength + 1)), body.byteLength].toSorted(
          (a, b) => a - b,
        );
        const splitter = createLogSplitter();
        const lines = places.slice(1).flatMap((end, index) => splitter.push(body.subarray(places[index], end)));
        expect(splitter.end()).toEqual([]);
        expect(shown(lines)).toEqual(texts.map((text) => [at, text]));
      }),
    );
  });

  test('gives a last line that has no line end only when the body came to its end', () => {
    const splitter = createLogSplitter();
    expect(splitter.push(bytes(`${at} half`))).toEqual([]);
    expect(shown(splitter.end())).toEqual([[at, 'half']]);
  });

  test('hands on an endless line in parts of bounded size that bear its time', () => {
    const splitter = createLogSplitter(64);
    const lines = [bytes(`${at} `), bytes('x'.repeat(1000)), bytes('\n'), bytes(`${at} next\n`)].flatMap(splitter.push);
    const texts = shown(lines);
    expect(texts.every(([time, text]) => time === at && text.length <= 64)).toBe(true);
    expect(
      texts
        .slice(0, -1)
        .map(([, text]) => text)
        .join(''),
    ).toBe('x'.repeat(1000));
    expect(texts.at(-1)).toEqual([at, 'next']);
  });

  test('tells what the kubelet says itself from what the container wrote', () => {
    const splitter = createLogSplitter();
    splitter.push(bytes('unable to retrieve container logs for containerd://ca53'));
    expect(shown(splitter.end())).toEqual([['notice', 'unable to retrieve container logs for containerd://ca53']]);
  });

  test('keeps an empty line', () => {
    expect(shown(createLogSplitter().push(bytes(`${at} \n`)))).toEqual([[at, '']]);
  });
});
