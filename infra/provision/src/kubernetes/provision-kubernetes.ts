// Makes sure that the pods' namespace and an account with the least it needs for each app are in the cluster, or only
// tells what is not. What they are is objects.ts.
import type { KubeClient, Namespace } from '@pods/kube';
import { connect, createKubeClient, KubeError } from '@pods/kube';
import { holds, wantedObjects } from './objects.ts';

export interface KubernetesSettings {
  /** An administrator's kubeconfig. */
  readonly kubeconfigFile: string;
  /** Where pods run. */
  readonly namespace: string;
}

/** A cluster that is somebody else's, and who uses it. */
export interface InstallationSettings extends KubernetesSettings {
  /** Id of the installation, by which its objects are told from others'. */
  readonly installation: string;
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

/**
 * Safe to repeat and to run twice at once: everything is applied. With an installation, in somebody else's cluster, a
 * namespace that is there stays as it is, and everything that is made carries the installation's mark.
 * @throws KubeError
 */
export async function provisionKubernetes(settings: KubernetesSettings | InstallationSettings): Promise<void> {
  const kube = clientOf(settings);
  const installation = 'installation' in settings ? settings.installation : undefined;
  for (const wanted of wantedObjects(settings.namespace, installation)) {
    if (wanted.kind === 'Namespace' && installation !== undefined) await createIfMissing(kube, wanted.object);
    else await kube.apply(wanted.kind, wanted.object);
  }
}

async function createIfMissing(kube: KubeClient, namespace: Namespace): Promise<void> {
  if ((await kube.get('Namespace', kube.namespace)) !== undefined) return;
  try {
    await kube.create('Namespace', namespace);
  } catch (error) {
    if (!(error instanceof KubeError && error.code === 'AlreadyExists')) throw error;
  }
}

function clientOf({ kubeconfigFile, namespace }: KubernetesSettings): KubeClient {
  return createKubeClient(connect(kubeconfigFile), { namespace, fieldManager: 'pods-provision' });
}
