// Brings the one-node cluster up, in the order in which its parts need each other.
import { kubernetes } from '../parts/kubernetes.ts';
import { launchPart, startPart, untilReady, type Part, type Programs } from '../parts/part.ts';
import type { Platform } from '../platform.ts';
import { apiApply } from './api.ts';
import { ensureNetwork } from './network.ts';
import { ensurePauseImage } from './pause-image.ts';

/** What happens, in a few words each. */
export type ReportProgress = (text: string) => void;

/** What cluster DNS may read: names and addresses of Services. */
const dnsRole = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'local-dns' },
  rules: [
    { apiGroups: [''], resources: ['services', 'namespaces', 'pods'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ],
};

const dnsBinding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'local-dns' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'local-dns' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'local-dns' }],
};

const ROLES = '/apis/rbac.authorization.k8s.io/v1';

/**
 * Starts the cluster and waits until pods can be created in it. Goes on from whatever runs already.
 * The certificates have to be there.
 */
export const bringClusterUp = async (
  platform: Platform,
  programs: Programs,
  signal: AbortSignal,
  report: ReportProgress,
): Promise<void> => {
  const start = async (part: Part): Promise<void> => {
    await startPart(platform, part, programs, signal);
  };
  report('network');
  await ensureNetwork(platform);
  report('containerd, etcd, API server');
  const runtime = start(kubernetes.containerd).then(async () => {
    await ensurePauseImage(platform, programs, signal);
  });
  // The API server waits for etcd by itself, and takes longer to start than etcd does.
  await launchPart(platform, kubernetes.etcd, programs);
  await Promise.all([runtime, untilReady(platform, kubernetes.etcd, signal), start(kubernetes.apiserver)]);
  report('controllers, scheduler, kubelet, kube-proxy, DNS');
  const dns = async (): Promise<void> => {
    await apiApply(platform, `${ROLES}/clusterroles/local-dns`, dnsRole, signal);
    await apiApply(platform, `${ROLES}/clusterrolebindings/local-dns`, dnsBinding, signal);
    await start(kubernetes.dns);
  };
  const { controllers, scheduler, kubelet, proxy } = kubernetes;
  await Promise.all([...[controllers, scheduler, kubelet, proxy].map(start), dns()]);
};
