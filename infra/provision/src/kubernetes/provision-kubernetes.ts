// Makes sure that the pods' namespace and an account with the least it needs for each app are in the cluster, or only
// tells what is not. What they are is objects.ts.
import type { KubeClient } from '@pods/kube';
import { connect, createKubeClient } from '@pods/kube';
import { holds, wantedObjects } from './objects.ts';

export interface KubernetesSettings {
  /** An administrator's kubeconfig. */
  readonly kubeconfigFile: string;
  /** Where pods run. */
  readonly namespace: string;
}

/** An object that is not as wanted. */
export interface ObjectDifference {
  readonly kind: string;
  readonly name: string;
  readonly state: 'missing' | 'differs';
}

/** Changes nothing. @throws KubeError */
export async function compareKubernetes(settings: KubernetesSettings): Promise<readonly ObjectDifference[]> {
  const kube = clientOf(settings);
  const differences: ObjectDifference[] = [];
  for (const { kind, object } of wantedObjects(settings.namespace)) {
    const name = object.metadata?.name ?? '';
    const found = await kube.get(kind, name);
    if (found === undefined) differences.push({ kind, name, state: 'missing' });
    else if (!holds(found, object)) differences.push({ kind, name, state: 'differs' });
  }
  return differences;
}

/** Safe to repeat and to run twice at once: everything is applied. @throws KubeError */
export async function provisionKubernetes(settings: KubernetesSettings): Promise<void> {
  const kube = clientOf(settings);
  for (const { kind, object } of wantedObjects(settings.namespace)) await kube.apply(kind, object);
}

function clientOf({ kubeconfigFile, namespace }: KubernetesSettings): KubeClient {
  return createKubeClient(connect(kubeconfigFile), { namespace, fieldManager: 'pods-provision' });
}
