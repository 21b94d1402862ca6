// (g) What read-your-writes costs: a POST that must wait for a second api process beside one that need not.
import type { BenchContext, Measure, ServersBench } from '../../bench.ts';
import { atMost, comparedWith, measureOf } from '../../samples.ts';
import { startApiServers, tenant } from '../../servers/api-servers.ts';
import { createPodPoster } from '../../servers/post-pods.ts';

const warmUp = 100;
const rounds = 600;
const moreMsMax = 2;

export const readYourWritesBench: ServersBench = {
  letter: 'g',
  title: 'two api processes: what read-your-writes costs',
  needs: 'servers',
  run: async (context) => measureBoth(context, await startApiServers(context.guard, { single: 1, double: 2 })),
};

type Servers = Awaited<ReturnType<typeof startApiServers<'single' | 'double'>>>;

async function measureBoth({ progress }: BenchContext, servers: Servers): Promise<readonly Measure[]> {
  const token = await servers.identity.signToken({ tenant, user: 'ada' });
  const { single, double } = servers.installations;
  const [alone] = single.apiUrls.map((url) => createPodPoster(url, token, 1));
  const [first, second] = double.apiUrls.map((url) => createPodPoster(url, token, 1));
  if (alone === undefined || first === undefined || second === undefined) throw new Error('not all api processes run');
  const samples: Record<'one' | 'two', number[]> = { one: [], two: [] };
  for (let round = -warmUp; round < rounds; round += 1) {
    if (round % 200 === 0) progress(`${round} of ${rounds} pods`);
    const one = await timed(alone.post);
    // Both take their turn, so that neither is the one that only listens.
    const two = await timed(round % 2 === 0 ? first.post : second.post);
    if (round < 0) continue;
    samples.one.push(one);
    samples.two.push(two);
  }
  await Promise.all([alone, first, second].map((poster) => poster.close()));
  await servers.close();
  const one = measureOf('POST /pods, one api process', 'ms', samples.one);
  const two = comparedWith(measureOf('POST /pods, two api processes', 'ms', samples.two), one);
  return [one, { ...two, aim: atMost(two.p50 - one.p50, moreMsMax, `p50 at most ${moreMsMax} ms more than with one`) }];
}

async function timed(call: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await call();
  return performance.now() - from;
}
