// (a) What the apps add around the cluster: from a POST to the creation of the Pod, and from a change in the cluster to the
// status that shows it. Both ends of both measures are seen by this process, on one clock.
import type { BenchContext, PlatformBench } from '../../bench.ts';
import type { ClusterWatch } from '../../platform/cluster-watch.ts';
import { watchCluster } from '../../platform/cluster-watch.ts';
import type { User } from '../../platform/user.ts';
import { signIn } from '../../platform/user.ts';
import { atMost, comparedWith, measureOf } from '../../samples.ts';

const count = 50;
const aimsMs = { toCreation: 60, toStatus: 30 };

interface Sample {
  readonly byHandMs: number;
  readonly toCreationMs: number;
  readonly toStatusMs: number;
}

export const apiToCluster: PlatformBench = {
  letter: 'a',
  title: 'POST → Pod in the cluster, and running container → status readable',
  needs: 'platform',
  run: async (context, platform) => {
    await using opened = new AsyncDisposableStack();
    const user = await signIn(platform);
    opened.defer(user.close);
    const watch = await watchCluster(platform);
    opened.defer(watch.close);
    const samples = await takeSamples(context, user, watch);
    const byHand = measureOf(
      'Pod created by hand → seen in a watch',
      'ms',
      samples.map(({ byHandMs }) => byHandMs),
    );
    const toCreation = comparedWith(
      measureOf(
        'POST sent → Pod seen in a watch',
        'ms',
        samples.map(({ toCreationMs }) => toCreationMs),
      ),
      byHand,
    );
    const toStatus = measureOf(
      'running seen in a watch → GET says AVAILABLE',
      'ms',
      samples.map(({ toStatusMs }) => toStatusMs),
    );
    return [
      byHand,
      { ...toCreation, aim: atMost(toCreation.p50, aimsMs.toCreation, `p50 ≤ ${aimsMs.toCreation} ms`) },
      { ...toStatus, aim: atMost(toStatus.p50, aimsMs.toStatus, `p50 ≤ ${aimsMs.toStatus} ms`) },
    ];
  },
};

async function takeSamples({ progress }: BenchContext, user: User, watch: ClusterWatch): Promise<readonly Sample[]> {
  for (const name of ['awarm0', 'awarm1', 'awarm2']) await sample(user, watch, user.podId(name));
  const samples: Sample[] = [];
  for (let index = 0; index < count; index += 1) {
    samples.push(await sample(user, watch, user.podId(`a${index}`)));
    if ((index + 1) % 10 === 0) progress(`${index + 1} of ${count}`);
  }
  return samples;
}

/** One pod from nothing to nothing, so that the next one finds the platform at rest. */
async function sample(user: User, watch: ClusterWatch, podId: string): Promise<Sample> {
  const byHandMs = await createByHand(watch, `byhand-${podId}`);
  const name = user.objectName(podId);
  const sentAt = performance.now();
  await user.create(podId);
  const createdAt = await watch.when(name, 'created');
  const runningAt = await watch.when(name, 'running');
  // Asked only from now on: asking all the time would slow down what is measured.
  await user.whenStatus(podId, 'AVAILABLE', 1);
  const readAt = performance.now();
  await user.remove(podId);
  await watch.when(name, 'gone');
  return { byHandMs, toCreationMs: createdAt - sentAt, toStatusMs: readAt - runningAt };
}

/** One write to the API server that nobody acts on: what the cluster alone takes, on this machine, at this moment. */
async function createByHand({ kube, when, get }: ClusterWatch, name: string): Promise<number> {
  const start = performance.now();
  await kube.create('Pod', {
    metadata: { name },
    spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'nothing' }] },
  });
  const tookMs = (await when(name, 'created')) - start;
  await kube.delete('Pod', name, { uid: get(name)?.metadata?.uid ?? '', gracePeriodSeconds: 0 });
  await when(name, 'gone');
  return tookMs;
}
