import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogRing } from './ring.ts';

const encoder = new TextEncoder();
const textOf = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString('utf8');

/** Lines of mixed length, some much longer than a block. */
const lines = fc.array(
  fc.oneof(
    fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
    fc.integer({ min: 0, max: 100_000 }).map((length) => 'x'.repeat(length)),
  ),
  { maxLength: 60 },
);

describe('the ring of a container’s newest output', () => {
  test('never holds more than its limit, and of the newest whole lines as many as fit', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 200_000 }), (texts, limit) => {
        const ring = createLogRing(limit);
        for (const text of texts) {
          ring.push(encoder.encode(text));
          expect(ring.sizeBytes).toBeLessThanOrEqual(limit);
        }
        const whole = texts.map((text) => `${text.slice(Math.max(0, text.length - limit + 1))}\n`);
        let expected = '';
        for (const line of whole.toReversed()) {
          if (expected.length + line.length > limit) break;
          expected = line + expected;
        }
        expect(textOf(ring.pieces())).toBe(expected);
        expect(ring.sizeBytes).toBe(expected.length);
      }),
    );
  });

  test('what was taken out does not change when more comes in', () => {
    const ring = createLogRing(20);
    ring.push(encoder.encode('one'));
    const taken = ring.pieces();
    for (let index = 0; index < 100; index += 1) ring.push(encoder.encode(`line ${index}`));
    expect(textOf(taken)).toBe('one\n');
  });

  test('holds no NUL', () => {
    const ring = createLogRing(100);
    ring.push(Uint8Array.of(0x61, 0, 0x62));
    expect(textOf(ring.pieces())).toBe('ab\n');
  });

  test('a small log takes little memory', () => {
    const ring = createLogRing(10 * 1024 * 1024);
    ring.push(encoder.encode('hello'));
    expect(ring.pieces()[0]?.buffer.byteLength).toBeLessThanOrEqual(4096);
  });
});
