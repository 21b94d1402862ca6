// Numbers about followed and archived output.
import type { Metrics } from '@pods/service';
import type { LogKeeper } from './keeper.ts';

/** Shows at each scrape what the keeper holds. */
export function reportLogs(metrics: Metrics, keeper: Pick<LogKeeper, 'size'>): void {
  const containers = metrics.gauge('health_followed_containers', 'Containers whose output is held');
  const bytes = metrics.gauge('health_ring_bytes', 'Bytes of container output held in memory');
  const memory = metrics.gauge('health_ring_memory_bytes', 'Memory that is taken for container output');
  // prom-client calls `collect` of a metric at each scrape; our wrapper has no parameter for it.
  Object.assign(containers, {
    collect: () => {
      const size = keeper.size();
      containers.set(size.containers);
      bytes.set(size.bytes);
      memory.set(size.memoryBytes);
    },
  });
}
