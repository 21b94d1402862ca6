// When warnings are read, and of what.
import { describe, expect, test } from 'vitest';
import { observedAs } from '../../testing/observed-pods.ts';
import { createStartWarnings } from './start-warnings.ts';

function bench() {
  const reads: number[] = [];
  const failures: unknown[] = [];
  const world = { nowMs: 0, answer: 'FailedMount: secret "x" not found', fails: false };
  const warnings = createStartWarnings({
    read: async () => {
      reads.push(world.nowMs);
      return world.fails ? await Promise.reject(new Error('away')) : await Promise.resolve(world.answer);
    },
    onError: (_key, error) => failures.push(error),
    now: () => world.nowMs,
    afterMs: 5000,
  });
  return { reads, failures, world, warnings };
}
const preparing = observedAs('volume-missing');

describe('warnings about a container that is being prepared', () => {
  test('are read once it takes long, then less and less often', async () => {
    const { reads, world, warnings } = bench();
    for (let due = await warnings.look('k', preparing); due !== null && due < 60_000;) {
      world.nowMs = due - 1;
      expect(await warnings.look('k', preparing)).toBe(due);
      world.nowMs = due;
      due = await warnings.look('k', preparing);
    }
    expect(reads).toEqual([5000, 15_000, 35_000]);
    expect(warnings.get('k', preparing)).toBe('FailedMount: secret "x" not found');
  });

  test.each(['running', 'exit-three', 'image-pull-failed', 'unschedulable', 'deleted-running'])(
    'are not read of %s, and forgotten',
    async (state) => {
      const { reads, world, warnings } = bench();
      await warnings.look('k', preparing);
      world.nowMs = 5000;
      await warnings.look('k', preparing);
      expect(await warnings.look('k', observedAs(state))).toBeNull();
      expect(warnings.get('k', preparing)).toBeNull();
      expect(reads).toHaveLength(1);
    },
  );

  test('of another Pod object are none of this one', async () => {
    const { world, warnings } = bench();
    await warnings.look('k', preparing);
    world.nowMs = 5000;
    await warnings.look('k', preparing);
    const other = { ...preparing, uid: 'another' };
    expect(warnings.get('k', other)).toBeNull();
    expect(await warnings.look('k', other)).toBe(10_000);
  });

  test('that cannot be read leave what was known, and fail no pass', async () => {
    const { failures, world, warnings } = bench();
    await warnings.look('k', preparing);
    world.nowMs = 5000;
    await warnings.look('k', preparing);
    world.fails = true;
    world.nowMs = 15_000;
    expect(await warnings.look('k', preparing)).toBe(35_000);
    expect(failures).toHaveLength(1);
    expect(warnings.get('k', preparing)).toContain('FailedMount');
  });
});
