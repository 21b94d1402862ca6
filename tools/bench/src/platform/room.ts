// Room for more pods than a small machine has cores for. The API asks for at least 250 millicpu a pod, of which seven fit on
// two cores; what a start takes does not depend on what is promised, so the node is made to promise more.
import { connect } from '@pods/kube';
import type { KubeConnection } from '@pods/kube';
import { z } from 'zod';

const nodeList = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });
const cpu = '64';
const againEveryMs = 500;
const deadlineMs = 10_000;

/** Does the work while every node says that it has 64 cores; the kubelet, who knows better, puts it right afterwards. */
export async function withRoom<Result>(kubeconfigFile: string, work: () => Promise<Result>): Promise<Result> {
  const connection = connect(kubeconfigFile);
  const listed = await connection.send({
    method: 'GET',
    path: '/api/v1/nodes',
    signal: AbortSignal.timeout(deadlineMs),
  });
  const nodes = nodeList.parse(await listed.json()).items.map(({ metadata }) => metadata.name);
  const promise = (): Promise<unknown> => Promise.all(nodes.map((name) => promiseMore(connection, name)));
  await promise();
  // The kubelet overwrites it every ten seconds. A failed attempt is followed by the next.
  const timer = setInterval(() => void promise().catch(() => undefined), againEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

async function promiseMore(connection: KubeConnection, node: string): Promise<void> {
  const answer = await connection.send({
    method: 'PATCH',
    path: `/api/v1/nodes/${node}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { capacity: { cpu }, allocatable: { cpu } } },
    signal: AbortSignal.timeout(deadlineMs),
  });
  await answer.text();
}
