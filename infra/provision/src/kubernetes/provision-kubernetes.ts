// Makes sure that the pods' namespace and an account with the least it needs for each app are in the cluster.
import type { KubeClient } from '@pods/kube';
import { connect, createKubeClient } from '@pods/kube';
import type { KubernetesApp } from './roles.ts';
import { accountName, kubernetesApps, rulesOf } from './roles.ts';

export interface KubernetesSettings {
  /** An administrator's kubeconfig. */
  readonly kubeconfigFile: string;
  /** Where pods run. */
  readonly namespace: string;
}

const labels = { 'app.kubernetes.io/part-of': 'pods-service' };

/** Safe to repeat and to run twice at once: everything is applied. @throws KubeError */
export async function provisionKubernetes(settings: KubernetesSettings): Promise<void> {
  const { namespace, kubeconfigFile } = settings;
  const kube = createKubeClient(connect(kubeconfigFile), { namespace, fieldManager: 'pods-provision' });
  await kube.apply('Namespace', { metadata: { name: namespace, labels } });
  for (const app of kubernetesApps) await provisionApp(kube, app);
}

async function provisionApp(kube: KubeClient, app: KubernetesApp): Promise<void> {
  const name = accountName(app);
  // The account is for a process outside the cluster: no Pod needs its token mounted.
  await kube.apply('ServiceAccount', { metadata: { name, labels }, automountServiceAccountToken: false });
  await kube.apply('Role', { metadata: { name, labels }, rules: [...rulesOf[app]] });
  await kube.apply('RoleBinding', {
    metadata: { name, labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: kube.namespace }],
  });
}
