// What an installation that shares somebody's cluster finds in its namespace: whether it is there, who made it, and what
// in it belongs to other installations. Changes nothing.
import type { Kind, KubeClient, Namespace } from '@pods/kube';
import { labelKeys, labelValue, managedBy } from '@pods/kube';
import { partOf } from './objects.ts';

/** `ours`: this installation made it. `shared`: somebody else's. `ending`: being deleted, nothing can be made in it. */
export type NamespaceOwner = 'missing' | 'ours' | 'shared' | 'ending';

/** What is found of a namespace. */
export interface NamespaceState {
  readonly owner: NamespaceOwner;
  /** Things of other installations in it, as `Kind name`; such a namespace must not be used. */
  readonly foreign: readonly string[];
}

/** What spawner makes for pods. */
const podKinds = ['Pod', 'Service', 'ConfigMap', 'Secret', 'NetworkPolicy'] as const satisfies readonly Kind[];
/** What provisioning makes for apps. */
const accountKinds = ['RoleBinding', 'Role', 'ServiceAccount'] as const satisfies readonly Kind[];

/** One object that carries a label of the platform. */
export interface FoundObject {
  readonly kind: Kind;
  readonly name: string;
  readonly uid: string;
}

/** Objects of one installation, or with `others` those of all but this one. An object without the mark is another's. */
export async function findObjects(
  kube: KubeClient,
  installation: string,
  whose: 'own' | 'others',
): Promise<readonly FoundObject[]> {
  const ofInstallation = `${labelKeys.installation}${whose === 'own' ? '=' : '!='}${labelValue(installation)}`;
  const found = async (kind: Kind, label: string): Promise<readonly FoundObject[]> => {
    const objects = await kube.list(kind, { labelSelector: `${label},${ofInstallation}` });
    return objects.map(({ metadata }) => ({ kind, name: metadata?.name ?? '', uid: metadata?.uid ?? '' }));
  };
  const lists = await Promise.all([
    ...podKinds.map((kind) => found(kind, `${labelKeys.managedBy}=${managedBy}`)),
    ...accountKinds.map((kind) => found(kind, `${partOf.key}=${partOf.value}`)),
  ]);
  return lists.flat();
}

/** Who made a namespace, as far as it matters to an installation. */
export function ownerOf(namespace: Namespace | undefined, installation: string): NamespaceOwner {
  if (namespace === undefined) return 'missing';
  if (namespace.metadata?.deletionTimestamp !== undefined) return 'ending';
  return namespace.metadata?.labels?.[labelKeys.installation] === labelValue(installation) ? 'ours' : 'shared';
}

/** Looks at a client's namespace. @throws KubeError */
export async function readNamespaceState(kube: KubeClient, installation: string): Promise<NamespaceState> {
  const namespace = await kube.get('Namespace', kube.namespace);
  const owner = ownerOf(namespace, installation);
  if (owner === 'missing' || owner === 'ending') return { owner, foreign: [] };
  const maker = namespace?.metadata?.labels?.[labelKeys.installation];
  const made = maker === undefined || owner === 'ours' ? [] : [`Namespace ${kube.namespace} (made by ${maker})`];
  const others = await findObjects(kube, installation, 'others');
  return { owner, foreign: [...made, ...others.map(({ kind, name }) => `${kind} ${name}`)] };
}
