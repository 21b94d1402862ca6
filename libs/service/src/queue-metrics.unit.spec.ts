import { expect, it } from 'vitest';
import { createKeyedQueue } from './keyed-queue.ts';
import { createMetrics } from './metrics.ts';
import { createQueueMetrics } from './queue-metrics.ts';
import { manualClock } from './testing/manual-clock.ts';

it('counts passes by outcome, and the keys that are due, per queue', async () => {
  const metrics = createMetrics('spec');
  const hooks = createQueueMetrics(metrics);
  const queue = createKeyedQueue({
    concurrency: 1,
    clock: manualClock(),
    backoff: { minMs: 10, maxMs: 10 },
    hooks: hooks('pods'),
    run: async (key) => Promise.resolve(key === 'bad' ? { kind: 'retry', reason: 'spec' } : { kind: 'done' }),
  });
  hooks('other').depth(0);
  ['one', 'two', 'bad'].forEach(queue.wake);
  expect(await metrics.registry.metrics()).toContain('pods_queue_depth{queue="pods",app="spec"} 3');
  await queue.idle();
  const text = await metrics.registry.metrics();
  expect(text).toContain('pods_queue_passes_total{queue="pods",outcome="done",app="spec"} 2');
  expect(text).toContain('pods_queue_passes_total{queue="pods",outcome="retry",app="spec"} 1');
  expect(text).toContain('pods_queue_retries_total{queue="pods",app="spec"} 1');
  expect(text).toContain('pods_queue_depth{queue="pods",app="spec"} 0');
  await queue.stop();
});
