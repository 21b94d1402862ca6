// (b) What the service adds to a start: create → AVAILABLE through the API beside create → Running of the same Pod by hand.
// Taken in turns. The kubelet looks at its containers once a second, and every start waits for such a look: so the starts of
// both sides are spread in the same way over a second, and it is the distribution that is compared.
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext, Measure, PlatformBench } from '../../bench.ts';
import type { ClusterWatch } from '../../platform/cluster-watch.ts';
import { watchCluster } from '../../platform/cluster-watch.ts';
import { withRoom } from '../../platform/room.ts';
import type { User } from '../../platform/user.ts';
import { signIn } from '../../platform/user.ts';
import { atMost, comparedWith, measureOf } from '../../samples.ts';
import type { PlainPods } from './plain-pods.ts';
import { plainPods } from './plain-pods.ts';

const singles = 20;
const together = 20;
const rounds = 2;
const ratioMax = 1.1;

interface Sides {
  readonly ours: Side;
  readonly plain: Side;
}

/** One way to start a pod. */
interface Side {
  readonly startMs: (id: string) => Promise<number>;
  readonly remove: (id: string) => Promise<void>;
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
    const templateId = 'benchbtemplate';
    await user.create(templateId);
    await user.whenStatus(templateId, 'AVAILABLE', 5);
    const template = watch.get(user.objectName(templateId));
    if (template === undefined) throw new Error('the pod that the others are copied from is not in the cluster');
    const sides = { ours: ourSide(user, watch), plain: plainSide(plainPods(watch, template)) };
    const single = await oneByOne(context, sides);
    const many = await withRoom(platform.kubeconfigFile, () => atOnce(context, sides));
    await user.remove(templateId);
    await watch.when(user.objectName(templateId), 'gone');
    return [...single, ...many];
  },
};

async function oneByOne({ progress }: BenchContext, { ours, plain }: Sides): Promise<readonly Measure[]> {
  const taken = { ours: [0].slice(1), plain: [0].slice(1) };
  for (const side of [ours, plain]) await startOne(side, 'benchbwarm', 0);
  for (let index = 0; index < singles; index += 1) {
    const offsetMs = (1000 * index) / singles;
    taken.plain.push(await startOne(plain, `benchb${index}`, offsetMs));
    taken.ours.push(await startOne(ours, `benchb${index}`, offsetMs));
    progress(`one by one: ${index + 1} of ${singles}`);
  }
  return compared('one by one', taken);
}

async function startOne(side: Side, id: string, offsetMs: number): Promise<number> {
  // The removal before ended at one of the kubelet's looks.
  await delay(offsetMs);
  const ms = await side.startMs(id);
  await side.remove(id);
  return ms;
}

async function atOnce({ progress }: BenchContext, { ours, plain }: Sides): Promise<readonly Measure[]> {
  const taken = { ours: [0].slice(1), plain: [0].slice(1) };
  for (let round = 0; round < rounds; round += 1) {
    taken.plain.push(...(await startMany(plain, round)));
    taken.ours.push(...(await startMany(ours, round)));
    progress(`${together} at once: round ${round + 1} of ${rounds}`);
  }
  return compared(`${together} at once`, taken);
}

async function startMany(side: Side, round: number): Promise<readonly number[]> {
  const ids = Array.from({ length: together }, (_, index) => `benchb${round}x${index}`);
  const samples = await Promise.all(ids.map(side.startMs));
  await Promise.all(ids.map(side.remove));
  return samples;
}

function compared(
  how: string,
  taken: { readonly ours: readonly number[]; readonly plain: readonly number[] },
): readonly Measure[] {
  const plain = measureOf(`${how}: plain create → Running`, 'ms', taken.plain);
  const ours = comparedWith(measureOf(`${how}: POST → AVAILABLE`, 'ms', taken.ours), plain);
  return [plain, { ...ours, aim: atMost(ours.ratio.value, ratioMax, `p50 ≤ ${ratioMax} × plain`) }];
}

function ourSide(user: User, watch: ClusterWatch): Side {
  return {
    startMs: async (podId) => {
      const start = performance.now();
      await user.create(podId);
      await user.whenStatus(podId, 'AVAILABLE', 10);
      return performance.now() - start;
    },
    remove: async (podId) => {
      await user.remove(podId);
      await watch.when(user.objectName(podId), 'gone');
    },
  };
}

function plainSide(pods: PlainPods): Side {
  const nameOf = (id: string): string => `plain-${id}`;
  return { startMs: (id) => pods.runningAfterMs(nameOf(id)), remove: (id) => pods.remove(nameOf(id)) };
}
