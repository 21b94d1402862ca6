// Takes away what one installation made in a cluster that is somebody else's.
import { connect, createKubeClient } from '@pods/kube';
import { findObjects, ownerOf } from './namespace-state.ts';
import type { InstallationSettings } from './provision-kubernetes.ts';

/** What is left after a pass, as `Kind name`: the cluster deletes in its own time. Nothing left: it is done. */
export type Remains = readonly string[];

/**
 * One pass: asks for the deletion of the namespace when this installation made it, else of its own objects in it. Safe
 * to repeat, and to be repeated until nothing is left. Whether the namespace itself is deleted is told as `namespace`.
 * @throws KubeError
 */
export async function removeFromKubernetes(
  settings: InstallationSettings,
): Promise<{ readonly left: Remains; readonly namespace: 'deleted' | 'kept' }> {
  const { kubeconfigFile, namespace, installation } = settings;
  const kube = createKubeClient(connect(kubeconfigFile), { namespace, fieldManager: 'pods-provision' });
  const found = await kube.get('Namespace', namespace);
  const owner = ownerOf(found, installation);
  if (owner === 'missing') return { left: [], namespace: 'deleted' };
  if (owner === 'ending') return { left: [`Namespace ${namespace}`], namespace: 'deleted' };
  if (owner === 'ours') {
    await kube.delete('Namespace', namespace, { uid: found?.metadata?.uid ?? '' });
    return { left: [`Namespace ${namespace}`], namespace: 'deleted' };
  }
  const objects = await findObjects(kube, installation, 'own');
  await Promise.all(objects.map(({ kind, name, uid }) => kube.delete(kind, name, { uid })));
  return { left: objects.map(({ kind, name }) => `${kind} ${name}`), namespace: 'kept' };
}
