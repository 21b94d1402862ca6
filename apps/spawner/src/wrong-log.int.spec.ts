// A log that is not the one the cluster was filled from: put back to an earlier state, emptied, or another server's.
// Nothing of what runs may go, and somebody must be told (architecture.md section 4, rule 5).
import { eventually } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bench, OpenedSpawner } from './testing/bench.ts';
import { openBench, podNameOf } from './testing/bench.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(async () => {
  await bench.close();
});

const ids = (name: string, count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${name}${n}`);

async function startAll(podIds: readonly string[]): Promise<void> {
  await Promise.all(podIds.map((podId) => bench.create(podId)));
  await untilSpawned(podIds, 1);
}

async function untilSpawned(podIds: readonly string[], run: number): Promise<void> {
  for (const podId of podIds) {
    await eventually(async () =>
      expect(await bench.state(podId)).toMatchObject({ run: { number: run, objects: { podName: podNameOf(podId) } } }),
    );
  }
}

async function numberOf(spawner: OpenedSpawner, metric: string): Promise<number> {
  const text = await spawner.metrics.registry.getSingleMetricAsString(`pods_spawner_${metric}`);
  return Number(/ (\d+)$/m.exec(text)?.[1]);
}

/** A spawner that has nothing left to do, however often it looks. */
async function openAtRest(): Promise<OpenedSpawner> {
  const spawner = await bench.open();
  await spawner.idle();
  return spawner;
}

describe('beside an empty log', () => {
  it.each([3, 22])('%i pods are left as they are, and each is reported', async (count) => {
    const first = await bench.open();
    await startAll(ids('pod', count));
    await first.kill();
    const before = await bench.everything();
    await bench.putBack(0);
    const spawner = await openAtRest();
    expect(await bench.everything()).toEqual(before);
    expect(before).toHaveLength(5 * count);
    expect(await numberOf(spawner, 'orphans_refused_total')).toBe(count);
    expect(await numberOf(spawner, 'unaccounted_pods')).toBe(count);
  });

  it('that came about while spawner ran, nothing is done at all', async () => {
    const spawner = await bench.open({ config: { fullPassEveryMs: 100 } });
    await startAll(ids('pod', 3));
    await spawner.idle();
    const before = await bench.everything();
    await bench.putBack(0);
    await eventually(() => expect(spawner.replica.failure?.message).toContain('the stream has lost events'));
    await bench.kube.delete('Service', 'pods-local-dev-pod0', {
      uid: (await bench.kube.get('Service', 'pods-local-dev-pod0'))?.metadata?.uid ?? '',
    });
    await spawner.idle();
    expect(await bench.everything()).toEqual(before.filter((text) => !text.startsWith('Service pods-local-dev-pod0 ')));
  });
});

describe('beside a log that was put back to an earlier state', () => {
  const [same, recreated, restarted, added] = [ids('same', 8), ids('re', 4), ids('next', 4), ids('new', 4)] as const;

  it('pods of which it has lost something stay, are reported, and their owners can read why', async () => {
    const first = await bench.open();
    await startAll([...same, ...recreated, ...restarted]);
    await first.kill();
    await bench.create('opened');
    const { lastSeq } = await bench.log.usage();
    const second = await bench.open();
    for (const podId of recreated) await bench.command(podId, 'DeletePod');
    await startAll(added);
    await Promise.all(recreated.map((podId) => bench.create(podId)));
    await Promise.all(restarted.map((podId) => bench.command(podId, 'RestartPod')));
    await untilSpawned(['opened'], 1);
    await untilSpawned([...recreated, ...restarted], 2);
    await second.idle();
    await second.kill();
    const before = await bench.everything();
    expect(before).toHaveLength(5 * 21);

    await bench.putBack(lastSeq);
    const third = await openAtRest();
    expect(await bench.everything()).toEqual(before);
    expect(await numberOf(third, 'unaccounted_pods')).toBe(13);
    for (const podId of ['opened', 'next0']) {
      expect((await bench.progress(podId))?.message).toContain('its history does not know');
    }
    // Whoever asks for such a pod anew gets neither the old container nor an end of it.
    await bench.create('new0');
    await eventually(async () =>
      expect((await bench.progress('new0'))?.message).toContain('its history does not know'),
    );
    await third.idle();
    expect(await bench.everything()).toEqual(before);
    // Its owner may remove it all the same: a deletion is proof.
    await bench.command('new0', 'DeletePod');
    await eventually(async () => expect(await bench.objects('new0')).toEqual([]));
    await eventually(async () => expect(await numberOf(third, 'unaccounted_pods')).toBe(12));
    expect(await bench.everything()).toEqual(before.filter((text) => !text.includes('-new0')));
  });
});
