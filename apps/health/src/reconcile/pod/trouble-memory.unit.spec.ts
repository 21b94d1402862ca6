// What is remembered of a container that does not start, and what of it is asked of the cluster.
import type { ClusterEvent } from '@pods/kube';
import { describe, expect, test } from 'vitest';
import { troublesOf } from '../../cluster/pod-warnings.ts';
import { observedAs } from '../../testing/observed-pods.ts';
import type { PastTroubles } from './start-trouble.ts';
import { createTroubleMemory } from './trouble-memory.ts';

const waits = observedAs('image-pull-waits');
const nowMs = 1_800_000_000_000;

function bench(read: (podUid: string) => Promise<PastTroubles>) {
  const reads: string[] = [];
  const failures: unknown[] = [];
  const memory = createTroubleMemory({
    now: () => nowMs,
    readPast: (podUid) => {
      reads.push(podUid);
      return read(podUid);
    },
    onError: (_key, error) => failures.push(error),
  });
  return { memory, reads, failures };
}
const past = async (): Promise<PastTroubles> =>
  await Promise.resolve({ pull: { failures: 2, sinceMs: nowMs - 60_000 }, start: null });

describe('the memory of failed starts', () => {
  test('takes up the past of a Pod, and counts on from there', async () => {
    const { memory, reads } = bench(past);
    memory.note('k', waits);
    expect(memory.get('k')).toMatchObject({ failures: 1, sinceMs: nowMs });
    await memory.recall('k');
    await memory.recall('k');
    expect(reads).toEqual([waits.uid]);
    expect(memory.get('k')).toMatchObject({ failures: 2, sinceMs: nowMs - 60_000 });
    memory.note('k', observedAs('image-pull-failed'));
    expect(memory.get('k')).toMatchObject({ failures: 3, sinceMs: nowMs - 60_000 });
  });

  test('asks nothing about a Pod without trouble, and anew about another Pod', async () => {
    const { memory, reads } = bench(past);
    memory.note('k', observedAs('running'));
    await memory.recall('k');
    memory.note('k', waits);
    await memory.recall('k');
    memory.note('k', { ...waits, uid: 'another' });
    await memory.recall('k');
    expect(reads).toEqual([waits.uid, 'another']);
  });

  test('goes on without the past while it cannot be read, and tries again', async () => {
    let isAway = true;
    const { memory, failures } = bench(async (uid) => {
      if (isAway) throw new Error(`away: ${uid}`);
      return await past();
    });
    memory.note('k', waits);
    await memory.recall('k');
    expect(failures).toHaveLength(1);
    expect(memory.get('k')).toMatchObject({ failures: 1 });
    isAway = false;
    await memory.recall('k');
    expect(memory.get('k')).toMatchObject({ failures: 2 });
  });
});

describe('the cluster’s events', () => {
  const event = (message: string, more: Partial<ClusterEvent> = {}): ClusterEvent => ({
    metadata: { name: message },
    involvedObject: {},
    reason: 'Failed',
    message,
    count: 1,
    firstTimestamp: '2026-01-01T00:00:10Z',
    ...more,
  });

  test('say how often a pull or a start failed and since when', () => {
    const events = [
      event('Failed to pull image "x": no such host', { count: 3 }),
      event('(combined from similar events): Failed to pull image "x": timeout', {
        firstTimestamp: '2026-01-01T00:00:05Z',
      }),
      event('Error: ErrImagePull', { count: 3 }),
      event('Error: ImagePullBackOff', { count: 7 }),
      event('Back-off pulling image "x"', { reason: 'BackOff' }),
    ];
    expect(troublesOf(events)).toEqual({
      pull: { failures: 4, sinceMs: Date.UTC(2026, 0, 1, 0, 0, 5) },
      start: null,
    });
  });

  test('of a container that cannot be created are told apart from those of its image', () => {
    const at = { count: 5, firstTimestamp: '2026-01-01T00:00:00Z' };
    expect(troublesOf([event('Error: secret "nope" not found', at)])).toEqual({
      pull: null,
      start: { failures: 5, sinceMs: Date.UTC(2026, 0, 1) },
    });
    expect(troublesOf([])).toEqual({ pull: null, start: null });
  });
});
