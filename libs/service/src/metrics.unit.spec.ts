import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

it('prefixes names, labels lines with the app, and includes the process itself', async () => {
  const metrics = createMetrics('spec');
  metrics.counter('passes_total', 'Passes', ['outcome']).inc({ outcome: 'done' }, 2);
  metrics.gauge('depth', 'Depth').set(5);
  metrics.histogram('bytes', 'Sizes', [], [10, 100]).observe(50);
  const text = await metrics.registry.metrics();
  expect(text).toContain('pods_passes_total{outcome="done",app="spec"} 2');
  expect(text).toContain('pods_depth{app="spec"} 5');
  expect(text).toContain('pods_bytes_bucket{le="100",app="spec"} 1');
  expect(text).toMatch(/^pods_process_cpu_seconds_total\{app="spec"\} /m);
});

it.each(['id', 'pod_id', 'podId', 'user', 'command_id', 'path'])('refuses %s as a label', (label) => {
  expect(() => createMetrics('spec').counter('x_total', 'X', [label])).toThrow('cannot be a metric label');
});

it('keeps two registries of one process apart', async () => {
  const [one, other] = [createMetrics('one'), createMetrics('other')];
  one.gauge('depth', 'Depth').set(1);
  expect(await other.registry.metrics()).not.toContain('pods_depth');
});
