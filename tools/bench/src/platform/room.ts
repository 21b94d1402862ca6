// Room for more pods than a small machine has cores for. The API asks for at least 250 millicpu a pod, of which seven fit on
// two cores; what a start takes does not depend on what is promised, so the node is made to promise more for a moment.
import { connect } from '@pods/kube';
import type { KubeConnection } from '@pods/kube';
import { eventually } from '@pods/testing/servers';
import { z } from 'zod';

const nodeSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z.object({ allocatable: z.object({ cpu: z.string() }) }),
});
const nodesSchema = z.object({ items: z.array(nodeSchema) });
type Node = z.infer<typeof nodeSchema>;

const cpu = '64';
const deadlineMs = 10_000;
const kubeletPatienceMs = 60_000;

/**
 * Does the work right after every node has said that it has 64 cores. The kubelet, who knows better, puts it right every ten
 * seconds: so it is waited for first, and the work has these ten seconds to have its Pods accepted.
 * @throws Error when no kubelet does that within a minute.
 */
export async function withRoom<Result>(kubeconfigFile: string, work: () => Promise<Result>): Promise<Result> {
  const connection = connect(kubeconfigFile);
  await promiseMore(connection);
  await eventually(async () => (await nodesOf(connection)).every(({ status }) => status.allocatable.cpu !== cpu), {
    timeoutMs: kubeletPatienceMs,
    intervalMs: 50,
  });
  await promiseMore(connection);
  return work();
}

async function promiseMore(connection: KubeConnection): Promise<void> {
  for (const { metadata } of await nodesOf(connection)) {
    const answer = await connection.send({
      method: 'PATCH',
      path: `/api/v1/nodes/${metadata.name}/status`,
      contentType: 'application/merge-patch+json',
      body: { status: { capacity: { cpu }, allocatable: { cpu } } },
      signal: AbortSignal.timeout(deadlineMs),
    });
    await answer.text();
  }
}

async function nodesOf(connection: KubeConnection): Promise<readonly Node[]> {
  const path = '/api/v1/nodes';
  const answer = await connection.send({ method: 'GET', path, signal: AbortSignal.timeout(deadlineMs) });
  return nodesSchema.parse(await answer.json()).items;
}
