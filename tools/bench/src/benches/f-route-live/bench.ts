// (f) How long after a pod is AVAILABLE its address leads to it: from the answer that says AVAILABLE to the first page
// that comes from the container. Until then the edge shows the waiting page.
import { setTimeout as delay } from 'node:timers/promises';
import type { PlatformBench } from '../../bench.ts';
import type { User } from '../../platform/user.ts';
import { signIn } from '../../platform/user.ts';
import { atMost, measureOf } from '../../samples.ts';

const count = 20;
const aimMs = 1000;
const pageFromPod = 'this page comes from a pod';
const patienceMs = 30_000;

export const routeLive: PlatformBench = {
  letter: 'f',
  title: 'route live after AVAILABLE',
  needs: 'platform',
  run: async ({ progress }, platform) => {
    const user = await signIn(platform);
    try {
      await routeLiveAfterMs(user, user.podId('fwarm'));
      const samples: number[] = [];
      for (let index = 0; index < count; index += 1) {
        samples.push(await routeLiveAfterMs(user, user.podId(`f${index}`)));
        progress(`${index + 1} of ${count}`);
      }
      const measure = measureOf('status AVAILABLE → page through Traefik', 'ms', samples);
      return [{ ...measure, aim: atMost(measure.p50, aimMs, `p50 ≤ ${aimMs} ms`) }];
    } finally {
      await user.close();
    }
  },
};

async function routeLiveAfterMs(user: User, podId: string): Promise<number> {
  await user.create(podId);
  await user.whenStatus(podId, 'AVAILABLE', 5);
  const start = performance.now();
  for (;;) {
    const { status, text } = await user.visit(podId);
    const tookMs = performance.now() - start;
    if (status === 200 && text.includes(pageFromPod)) {
      await user.remove(podId);
      return tookMs;
    }
    if (tookMs > patienceMs) throw new Error(`${podId} is not reached: ${status} ${text.slice(0, 200)}`);
    await delay(10);
  }
}
