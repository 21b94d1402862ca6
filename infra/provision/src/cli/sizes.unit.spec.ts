// Sizes are shown as they can be typed.
import { describe, expect, it } from 'vitest';
import { localSizes, productionSizes } from '../nats/definitions.ts';
import { formatBytes, formatSizes, parseSizes } from './sizes.ts';

describe('sizes', () => {
  it('that are shown can be typed again', () => {
    for (const sizes of [productionSizes, localSizes]) expect(parseSizes(formatSizes(sizes).split(' '))).toEqual(sizes);
    for (const bytes of [1, 1023, 1025, 3 * 1024 ** 2, 1024 ** 3 + 1, 1_000_000_000_000_001, 2 ** 50, 2 ** 53 - 1]) {
      expect(parseSizes([`poison=${formatBytes(bytes)}`]).poison).toBe(bytes);
    }
  });

  it.for([
    [1, '1B'],
    [1024, '1KiB'],
    [1536, '1536B'],
    [20 * 1024 ** 3, '20GiB'],
    [2 ** 50, '1024TiB'],
  ] as const)('%d bytes are %s', ([bytes, text]) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.for(['1.5GiB', '-1', '', '1 GiB', '1gib', '9007199254740993', '9999999TiB'])('"%s" is none', (text) => {
    expect(() => parseSizes([`poison=${text}`])).toThrow(RangeError);
  });
});
