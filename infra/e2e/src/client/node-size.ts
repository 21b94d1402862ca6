// How much the cluster's node has for pods, seen by kubectl.
import { execa } from 'execa';
import { inject } from 'vitest';
import { z } from 'zod';

const nodesSchema = z.object({
  items: z.array(z.object({ status: z.object({ allocatable: z.object({ cpu: z.string() }) }) })),
});

/** Thousandths of a CPU that the largest node has for pods. */
export async function nodeCpuMillis(): Promise<number> {
  const { kubectl, kubeconfigFile } = inject('platform');
  const [program = '', ...first] = kubectl;
  const { stdout } = await execa(program, [...first, '--kubeconfig', kubeconfigFile, 'get', 'nodes', '-o', 'json']);
  const { items } = nodesSchema.parse(JSON.parse(stdout));
  return Math.max(...items.map(({ status: { allocatable } }) => millisOf(allocatable.cpu)));
}

/** Kubernetes writes `2` or `1930m`. */
function millisOf(quantity: string): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
}
