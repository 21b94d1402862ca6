// What holds after any disturbance: passes come to rest, then there is nothing left to do, and the cluster holds what
// the history asks for, once.
import type { LivePod, PodState } from '@pods/domain-pods';
import { isLive, openRunOf } from '@pods/domain-pods';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { World } from '../../testing/world.ts';
import { createWorld, podName } from '../../testing/world.ts';

type Step =
  | { readonly do: 'user'; readonly what: Parameters<World['byUser']>[0] }
  | { readonly do: 'health'; readonly what: Parameters<World['byHealth']>[0] }
  | { readonly do: 'pass'; readonly cutOffAfter: number }
  | { readonly do: 'vanish'; readonly what: (typeof names)[number] }
  | { readonly do: 'remove-pod' | 'evict' | 'end-pods' | 'sync' | 'catch-up' | 'collect' | 'hour' | 'foreign' };

const names = ['Pod', 'Service', 'Secret', 'NetworkPolicy', 'ConfigMap'] as const;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('user' as const),
    what: fc.constantFrom('create', 'create', 'create-off', 'delete', 'stop', 'start', 'restart', 'update'),
  }),
  fc.record({
    do: fc.constant('health' as const),
    what: fc.constantFrom('available', 'available', 'errored', 'never-ran', 'completed', 'logs'),
  }),
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), cutOffAfter: fc.integer({ min: 1, max: 12 }) }),
  },
  fc.record({ do: fc.constant('vanish' as const), what: fc.constantFrom(...names) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('end-pods', 'sync', 'catch-up') }) },
  fc.record({ do: fc.constantFrom('remove-pod', 'evict', 'collect', 'hour') }),
);

async function take(world: World, taken: Step): Promise<void> {
  const { cluster, clock } = world;
  switch (taken.do) {
    case 'user':
      return world.byUser(taken.what);
    case 'health':
      return world.byHealth(taken.what);
    case 'pass':
      await world.pass(taken.cutOffAfter);
      return;
    case 'vanish': {
      const found = cluster.names().find((name) => name.startsWith(`${taken.what}/`));
      if (found !== undefined) cluster.vanish(taken.what, found.slice(taken.what.length + 1));
      return;
    }
    case 'remove-pod': {
      const uid = cluster.uidOf('Pod', podName);
      if (uid !== undefined) await cluster.kube.delete('Pod', podName, { uid });
      return;
    }
    case 'evict':
      return cluster.setStatus(podName, { phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' });
    case 'foreign':
      return cluster.putForeign('Pod', podName);
    case 'end-pods':
      return cluster.endPods();
    case 'sync':
      return cluster.sync();
    case 'catch-up':
      return world.catchUp();
    case 'collect':
      return cluster.collect();
    case 'hour':
      clock.advance(3_600_000);
  }
}

/** Passes, the kubelet and time go on until a pass finds nothing to do and waits for nothing. */
async function comeToRest(world: World): Promise<void> {
  for (let round = 0; round < 80; round += 1) {
    await world.catchUp();
    world.cluster.endPods();
    world.cluster.collect();
    world.cluster.sync();
    const { report, outcome } = await world.pass();
    if (outcome?.kind === 'done' && report?.planned.actions.length === 0) return;
    world.clock.advance(600_000);
  }
  throw new Error(`no rest: ${JSON.stringify(await world.state())} ${world.cluster.names().join(' ')}`);
}

function runObjects(run: number): readonly string[] {
  return [
    `ConfigMap/${podName}-run-${run}`,
    `NetworkPolicy/${podName}-run-${run}`,
    `Pod/${podName}`,
    `Secret/${podName}-run-${run}`,
    `Service/${podName}`,
  ];
}

function expectAtRest(world: World, state: PodState): void {
  const there = world.cluster.names();
  if (!isLive(state)) {
    expect(there).toEqual([]);
    return;
  }
  const run = openRunOf(state);
  if (run === null) {
    expect(there).toEqual([]);
    expect(['STOPPED', 'ERROR']).toContain(state.status);
    return;
  }
  expect(state.desired).toBe('ON');
  expect(run.generation).toBe(state.generation);
  if (run.failure !== null) expect(there).toEqual([]);
  else if (run.end === null) expectRunning(world, state, there);
  // A run that ended keeps what it still has, and nothing is added; one that never ran has no Pod.
  else
    expect(runObjects(run.number).filter((name) => run.end?.neverRan !== true || !name.startsWith('Pod/'))).toEqual(
      expect.arrayContaining([...there]),
    );
}

function expectRunning(world: World, state: LivePod, there: readonly string[]): void {
  const run = openRunOf(state);
  expect(there).toEqual(runObjects(run?.number ?? 0));
  expect(run?.objects?.podName).toBe(podName);
  const service = world.cluster.view.objectsOf('dev.docpod').find((object) => object.kind === 'Service');
  expect(run?.objects?.address).toBe(service?.clusterIp);
  expect(world.cluster.uidOf('Pod', podName)).toBe(run?.podUid);
}

async function noMoreToDo(world: World): Promise<void> {
  world.cluster.sync();
  const { report, outcome } = await world.pass();
  expect(report?.planned).toEqual({ actions: [], progress: null, lookAgain: null, alarm: null });
  expect(outcome).toEqual({ kind: 'done' });
  expect(world.progress()).toBeNull();
}

describe('after any disturbance', () => {
  it('passes come to rest with what the history asks for, and then plan nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
        const world = createWorld();
        await world.byUser('create');
        for (const taken of steps) await take(world, taken);
        await comeToRest(world);
        expectAtRest(world, await world.state());
        await noMoreToDo(world);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('a start that is cut off after any write and begun again ends with the same objects, none of them twice', async () => {
    const undisturbed = createWorld();
    await undisturbed.byUser('create');
    await comeToRest(undisturbed);
    for (let cutOffAfter = 1; cutOffAfter <= 7; cutOffAfter += 1) {
      const world = createWorld();
      await world.byUser('create');
      for (let passes = 0; passes < 3; passes += 1) {
        await world.catchUp();
        world.cluster.sync();
        await world.pass(cutOffAfter);
      }
      await comeToRest(world);
      expect(world.cluster.names()).toEqual(undisturbed.cluster.names());
      expect(world.log.all().map((event) => event.type)).toEqual([
        'PodCreated',
        'PodSpawnStarted',
        'PodObjectsCreated',
      ]);
    }
  });

  it('a stop after any step of a start ends with nothing', async () => {
    for (let cutOffAfter = 1; cutOffAfter <= 7; cutOffAfter += 1) {
      const world = createWorld();
      await world.byUser('create');
      await world.catchUp();
      await world.pass();
      await world.catchUp();
      await world.pass(cutOffAfter);
      await world.byUser('stop');
      await comeToRest(world);
      expect(world.cluster.names()).toEqual([]);
      expect(await world.state()).toMatchObject({ status: 'STOPPED' });
    }
  });

  it('the wait for logs counts from when the teardown began, however often spawner starts anew', async () => {
    const world = createWorld(10_000);
    await world.byUser('create');
    await comeToRest(world);
    await world.byHealth('available');
    await world.byUser('stop');
    const looks: (number | undefined)[] = [];
    for (const elapsedMs of [0, 6000, 3999]) {
      world.clock.advance(elapsedMs);
      await world.catchUp();
      // The first of these announces the teardown; each is a new process.
      if (elapsedMs === 0) await world.pass();
      await world.catchUp();
      const { outcome } = await world.pass();
      looks.push(outcome?.kind === 'wait' ? outcome.afterMs : undefined);
    }
    expect(looks).toEqual([10_000, 4000, 1]);
    expect(world.cluster.names()).toContain(`Pod/${podName}`);
    world.clock.advance(1);
    await comeToRest(world);
    expect(await world.state()).toMatchObject({ status: 'STOPPED' });
  });

  it('a pod whose name somebody else holds ends in ERROR with that cause, and the other object is left alone', async () => {
    const world = createWorld();
    world.cluster.putForeign('Pod', podName);
    await world.byUser('create');
    await comeToRest(world);
    expect(await world.state()).toMatchObject({ status: 'ERROR', run: { failure: { reason: 'NameTaken' } } });
    expect(world.cluster.names()).toEqual([`Pod/${podName}`]);
  });
});
