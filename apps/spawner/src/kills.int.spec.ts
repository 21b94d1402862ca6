// A process killed after each single write of a create, a restart and a delete, and its work taken up by another: in
// the end the same objects and the same history as without a kill.
import { eventually } from '@pods/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ownedKinds } from './reconcile/pod/kinds.ts';
import type { Bench } from './testing/bench.ts';
import { openBench, podNameOf } from './testing/bench.ts';
import type { Killing } from './testing/killed-after.ts';
import { killedAfter } from './testing/killed-after.ts';

let bench: Bench;

const started = ['PodCreated', 'PodSpawnStarted', 'PodObjectsCreated'];
const start = [
  'OpenRun',
  'Create ConfigMap',
  'Create Secret',
  'Create NetworkPolicy',
  'Create Service',
  'Create Pod',
  'RecordObjectsCreated',
];
const removal = ['Delete Pod', 'Delete NetworkPolicy', 'Delete Secret', 'Delete Service', 'Delete ConfigMap'];

interface Scenario {
  /** Every write of an undisturbed process, in any order where that does not matter; a deletion may be asked for again. */
  readonly writes: readonly string[];
  readonly types: readonly string[];
  /** What is there before the process that is killed comes. */
  readonly before: () => Promise<void>;
  readonly ask: () => Promise<void>;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  create: {
    writes: start,
    types: started,
    before: async () => {},
    ask: () => bench.create('docpod', { environment_variables: { GREETING: 'hello' } }),
  },
  restart: {
    writes: ['BeginTeardown', ...removal, 'RecordStopped', ...start],
    types: [
      ...started,
      'PodRestartRequested',
      'PodTeardownStarted',
      'PodStopped',
      'PodSpawnStarted',
      'PodObjectsCreated',
    ],
    before: haveRunning,
    ask: () => bench.command('docpod', 'RestartPod'),
  },
  delete: {
    writes: removal,
    types: [...started, 'PodDeleted'],
    before: haveRunning,
    ask: () => bench.command('docpod', 'DeletePod'),
  },
};

async function haveRunning(): Promise<void> {
  const spawner = await bench.open();
  await bench.create('docpod', { environment_variables: { GREETING: 'hello' } });
  await eventually(async () => expect(await bench.types('docpod')).toEqual(started));
  await spawner.idle();
  await spawner.kill();
}

/** What is in the cluster of the pod, but for what no two creations have in common. */
async function world(): Promise<readonly string[]> {
  const listed = await Promise.all(
    ownedKinds.map(async (kind) => (await bench.kube.list(kind)).map((object) => ({ kind, ...object }))),
  );
  const objects = listed.flat().filter(({ metadata }) => metadata?.name?.startsWith(podNameOf('docpod')));
  const anchor = objects.find(({ kind }) => kind === 'ConfigMap')?.metadata?.uid ?? 'no anchor';
  return objects
    .map(({ metadata, ...rest }) => {
      const { name, labels, annotations, ownerReferences } = metadata ?? {};
      return { ...rest, metadata: { name, labels, annotations, ownerReferences } };
    })
    .map((object) => JSON.stringify(object, withoutChance))
    .map((text) => text.replaceAll(anchor, 'anchor').replaceAll(bench.namespace, 'namespace'));
}

/** Keys whose values the API server draws, or that are hashes over such. */
const drawn = new Set([
  'clusterIP',
  'clusterIPs',
  'pods.local/content',
  'startTime',
  'lastProbeTime',
  'lastTransitionTime',
]);

function withoutChance(key: string, value: unknown): unknown {
  return drawn.has(key) ? undefined : value;
}

/** Runs the scenario with a process that dies so, and takes it up with another. */
async function run({ before, ask, types }: Scenario, writes: number): Promise<Killing> {
  await before();
  const killing = killedAfter(writes);
  const first = await bench.open(killing.changes);
  await ask();
  if (Number.isFinite(writes)) {
    await killing.reached;
    await first.kill();
    await bench.open();
  }
  await eventually(async () => expect(await bench.types('docpod')).toEqual(types));
  return killing;
}

describe.each(Object.entries(scenarios))('a %s', (_name, scenario) => {
  let undisturbed: readonly string[];
  let undisturbedWrites: readonly string[];

  beforeAll(async () => {
    bench = await openBench();
    const { writes } = await run(scenario, Number.POSITIVE_INFINITY);
    await eventually(() => new Set(writes).size === scenario.writes.length);
    undisturbed = await world();
    undisturbedWrites = writes;
    await bench.close();
  });
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(async () => {
    await bench.close();
  });

  it('writes what the kills below are counted by', () => {
    expect([...new Set(undisturbedWrites)].toSorted()).toEqual(scenario.writes.toSorted());
  });

  it.each(scenario.writes.map((_, index) => index + 1))(
    'killed after write %i ends as without a kill',
    async (writes) => {
      await run(scenario, writes);
      await eventually(async () => expect(await world()).toEqual(undisturbed));
      const pod = await bench.kube.get('Pod', podNameOf('docpod'));
      const recorded = (await bench.events('docpod')).findLast(({ type }) => type === 'PodObjectsCreated');
      if (pod !== undefined) expect(recorded?.body).toMatchObject({ podUid: pod.metadata?.uid });
    },
  );
});
