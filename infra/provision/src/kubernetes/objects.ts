// The objects that must be in the cluster, as they are applied and compared. No I/O.
import type { Namespace, Role, RoleBinding, ServiceAccount } from '@pods/kube';
import { labelKeys, labelValue } from '@pods/kube';
import { accountName, kubernetesApps, rulesOf } from './roles.ts';

/** An object with its kind. */
export type WantedObject =
  | { readonly kind: 'Namespace'; readonly object: Namespace }
  | { readonly kind: 'ServiceAccount'; readonly object: ServiceAccount }
  | { readonly kind: 'Role'; readonly object: Role }
  | { readonly kind: 'RoleBinding'; readonly object: RoleBinding };

/** The label that all of them carry. */
export const partOf = { key: 'app.kubernetes.io/part-of', value: 'pods-service' } as const;

/** All of them, in an order in which they can be applied; with an installation they carry its mark as well. */
export function wantedObjects(namespace: string, installation?: string): readonly WantedObject[] {
  const labels = {
    [partOf.key]: partOf.value,
    ...(installation === undefined ? {} : { [labelKeys.installation]: labelValue(installation) }),
  };
  return [
    { kind: 'Namespace', object: { metadata: { name: namespace, labels } } },
    ...kubernetesApps.flatMap((app): readonly WantedObject[] => {
      const name = accountName(app);
      return [
        // The account is for a process outside the cluster: no Pod needs its token mounted.
        { kind: 'ServiceAccount', object: { metadata: { name, labels }, automountServiceAccountToken: false } },
        { kind: 'Role', object: { metadata: { name, labels }, rules: [...rulesOf[app]] } },
        {
          kind: 'RoleBinding',
          object: {
            metadata: { name, labels },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
            subjects: [{ kind: 'ServiceAccount', name, namespace }],
          },
        },
      ];
    }),
  ];
}

/** Whether all that is wanted is found; what is found beyond it in an object does not matter, in a list it does. */
export function holds(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) && found.length === wanted.length && wanted.every((item, index) => holds(found[index], item))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(wanted).every(([key, value]) => holds(Reflect.get(found, key), value));
}
