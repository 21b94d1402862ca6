// The numbers of an app's keyed queues as metrics, told apart by the queue's name.
import type { QueueHooks } from './keyed-queue.ts';
import type { Metrics } from './metrics.ts';

/** Call once per app; the result gives the hooks of each queue by its (constant) name. */
export function createQueueMetrics(metrics: Metrics): (queue: string) => QueueHooks {
  const depth = metrics.gauge('queue_depth', 'Keys that are due but have no free slot yet', ['queue']);
  const passes = metrics.counter('queue_passes_total', 'Passes by how they ended', ['queue', 'outcome']);
  const retries = metrics.counter('queue_retries_total', 'Passes that ended in a retry', ['queue']);
  const seconds = metrics.histogram('queue_pass_seconds', 'Duration of a pass', ['queue']);
  return (queue) => ({
    depth: (count) => {
      depth.set({ queue }, count);
    },
    pass: (kind, durationMs) => {
      passes.inc({ queue, outcome: kind });
      if (kind === 'retry') retries.inc({ queue });
      seconds.observe({ queue }, durationMs / 1000);
    },
  });
}
