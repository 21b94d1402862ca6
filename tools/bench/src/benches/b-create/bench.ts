// (b) What the service adds to a start: create → AVAILABLE through the API beside create → Running of the same Pod by hand.
// Taken in turns. The kubelet looks at its containers once a second, and every start waits for such a look: so the starts of
// both sides are spread in the same way over a second, and their means are compared: a median would jump from step to step.
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext, Measure, PlatformBench } from '../../bench.ts';
import { watchCluster } from '../../platform/cluster-watch.ts';
import { withRoom } from '../../platform/room.ts';
import { signIn } from '../../platform/user.ts';
import { atMost, mean, measureOf } from '../../samples.ts';
import type { Side } from './sides.ts';
import { ourSide, plainSide } from './sides.ts';

const singles = 20;
const together = 20;
const rounds = 3;
const ratioMax = 1.1;

interface Sides {
  readonly ours: Side;
  readonly plain: Side;
}

/** Milliseconds of all starts so far. */
interface Taken {
  readonly ours: number[];
  readonly plain: number[];
}

export const createToAvailable: PlatformBench = {
  letter: 'b',
  title: 'create → AVAILABLE through the API, and plain create → Running',
  needs: 'platform',
  run: async (context, platform) => {
    await using opened = new AsyncDisposableStack();
    const user = await signIn(platform);
    opened.defer(user.close);
    const watch = await watchCluster(platform);
    opened.defer(watch.close);
    const templateId = user.podId('btemplate');
    await user.create(templateId);
    opened.defer(() => user.remove(templateId));
    await user.whenStatus(templateId, 'AVAILABLE', 5);
    const template = watch.get(user.objectName(templateId));
    if (template === undefined) throw new Error('the pod that the others are copied from is not in the cluster');
    const sides = { ours: ourSide(user, watch), plain: await plainSide(user, watch, template) };
    const single = await oneByOne(context, sides);
    const many = await atOnce(context, sides, (work) => withRoom(platform.kubeconfigFile, work));
    return [...single, ...many];
  },
};

async function oneByOne({ progress }: BenchContext, { ours, plain }: Sides): Promise<readonly Measure[]> {
  const taken: Taken = { ours: [], plain: [] };
  for (const side of [ours, plain]) await startOne(side, 'bwarm', 0);
  for (let index = 0; index < singles; index += 1) {
    const offsetMs = (1000 * index) / singles;
    taken.plain.push(await startOne(plain, `b${index}`, offsetMs));
    taken.ours.push(await startOne(ours, `b${index}`, offsetMs));
    progress(`one by one: ${index + 1} of ${singles}`);
  }
  return compared('one by one', taken);
}

async function startOne(side: Side, name: string, offsetMs: number): Promise<number> {
  // The removal before ended at one of the kubelet's looks.
  await delay(offsetMs);
  const ms = await side.startMs(name);
  await side.remove(name);
  return ms;
}

/** Runs work on a node with room for all. */
type WithRoom = (work: () => Promise<readonly number[]>) => Promise<readonly number[]>;

async function atOnce(
  { progress }: BenchContext,
  { ours, plain }: Sides,
  roomFor: WithRoom,
): Promise<readonly Measure[]> {
  const taken: Taken = { ours: [], plain: [] };
  for (let round = 0; round < rounds; round += 1) {
    taken.plain.push(...(await startMany(plain, round, roomFor)));
    taken.ours.push(...(await startMany(ours, round, roomFor)));
    progress(`${together} at once: round ${round + 1} of ${rounds}`);
  }
  return compared(`${together} at once`, taken);
}

async function startMany(side: Side, round: number, roomFor: WithRoom): Promise<readonly number[]> {
  const names = Array.from({ length: together }, (_, index) => `b${round}x${index}`);
  const samples = await roomFor(async () => {
    // Room is made at one of the kubelet's looks.
    await delay((1000 * round) / rounds);
    return side.startAllMs(names);
  });
  await Promise.all(names.map(side.remove));
  return samples;
}

function compared(how: string, taken: Taken): readonly Measure[] {
  const plain = measureOf(`${how}: plain create → Running`, 'ms', taken.plain);
  const ours = measureOf(`${how}: POST → AVAILABLE`, 'ms', taken.ours);
  const ratio = mean(taken.ours) / mean(taken.plain);
  return [
    plain,
    { ...ours, ratio: { of: 'plain, by means', value: ratio }, aim: atMost(ratio, ratioMax, `≤ ${ratioMax} × plain`) },
  ];
}
