// What is in the cluster of a pod, seen by kubectl as an administrator would.
import { execa } from 'execa';
import { z } from 'zod';

const listSchema = z.object({
  items: z.array(
    z.looseObject({
      kind: z.string(),
      metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
    }),
  ),
});
export type ClusterObject = z.infer<typeof listSchema>['items'][number];

export interface ClusterView {
  /** Every object of one pod that the platform makes: Pod, Service, Secret, ConfigMap, NetworkPolicy. */
  readonly objectsOf: (tenant: string, podId: string) => Promise<readonly ClusterObject[]>;
  /** Every object of these kinds whose name begins so, whatever its labels say, as `kind/name`. */
  readonly objectsNamed: (prefix: string) => Promise<readonly string[]>;
  /** Deletes the Pod object behind the platform's back. */
  readonly deletePodObject: (tenant: string, podId: string) => Promise<void>;
}

const kinds = 'pods,services,secrets,configmaps,networkpolicies';

export function openCluster(kubectl: readonly string[], kubeconfigFile: string, namespace: string): ClusterView {
  const [program = '', ...first] = kubectl;
  const run = async (args: readonly string[]): Promise<string> => {
    const { stdout } = await execa(program, [
      ...first,
      '--kubeconfig',
      kubeconfigFile,
      '-n',
      namespace,
      '--request-timeout=20s',
      ...args,
    ]);
    return stdout;
  };
  const selector = (tenant: string, podId: string): string => `pods.local/tenant=${tenant},pods.local/pod=${podId}`;
  return {
    objectsOf: async (tenant, podId) =>
      listSchema.parse(JSON.parse(await run(['get', kinds, '-l', selector(tenant, podId), '-o', 'json']))).items,
    objectsNamed: async (prefix) =>
      listSchema
        .parse(JSON.parse(await run(['get', kinds, '-o', 'json'])))
        .items.filter(({ metadata }) => metadata.name.startsWith(prefix))
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    deletePodObject: async (tenant, podId) => {
      await run(['delete', 'pods', '-l', selector(tenant, podId), '--wait=false', '--grace-period=1']);
    },
  };
}
