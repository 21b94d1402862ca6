// What each app may do in the pods' namespace, and nothing beyond: derived from what its code calls. Apps that are not
// listed get no account at all.
import type { Role } from '@pods/kube';

export const kubernetesApps = ['spawner', 'health'] as const;
export type KubernetesApp = (typeof kubernetesApps)[number];

type Rule = NonNullable<Role['rules']>[number];

const follow = ['get', 'list', 'watch'];

/** The rules of each app's Role. */
export const rulesOf: Readonly<Record<KubernetesApp, readonly Rule[]>> = {
  spawner: [
    // Pods and anchors are created and deleted, never changed.
    { apiGroups: [''], resources: ['pods', 'configmaps'], verbs: [...follow, 'create', 'delete'] },
    { apiGroups: [''], resources: ['services'], verbs: [...follow, 'create', 'patch', 'delete'] },
    {
      apiGroups: ['networking.k8s.io'],
      resources: ['networkpolicies'],
      verbs: [...follow, 'create', 'patch', 'delete'],
    },
    // Only their metadata is followed; Kubernetes has no right for that alone.
    { apiGroups: [''], resources: ['secrets'], verbs: ['list', 'watch', 'create', 'delete'] },
  ],
  health: [
    { apiGroups: [''], resources: ['pods'], verbs: follow },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['events'], verbs: follow },
  ],
};

/** Name of an app's ServiceAccount, Role and RoleBinding. */
export function accountName(app: KubernetesApp): string {
  return `pods-${app}`;
}
