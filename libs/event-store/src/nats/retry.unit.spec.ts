// Many calls at once, with bounds: on how many at the same time, and on what goes on after a failure.
import { describe, expect, it } from 'vitest';
import { mapLimited } from './retry.ts';

const numbers = Array.from({ length: 100 }, (_, index) => index);

describe('mapping with a limit', () => {
  it('keeps the order, and never has more calls under way than the limit', async () => {
    let [underWay, most] = [0, 0];
    const values = await mapLimited(numbers, 7, async (number) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      return number * 2;
    });
    expect(values).toEqual(numbers.map((number) => number * 2));
    expect(most).toBe(7);
  });

  it('starts no further call after one has failed', async () => {
    const started: number[] = [];
    const gate = Promise.withResolvers<void>();
    const mapping = mapLimited(numbers, 3, async (number) => {
      started.push(number);
      if (number === 1) throw new Error('away');
      await gate.promise;
    });
    await expect(mapping).rejects.toThrow('away');
    gate.resolve();
    await new Promise(setImmediate);
    expect(started).toEqual([0, 1, 2]);
  });
});
