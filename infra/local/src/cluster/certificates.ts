// Which certificates and kubeconfigs the cluster has, and who gets which.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { putSecret } from '../files/put-file.ts';
import { ensureAuthority, ensureCertificate, ensureSigningKey } from '../pki/authority.ts';
import type { CertificateSpec, KeyPair } from '../pki/certificate.ts';
import type { Platform } from '../platform.ts';
import type { Settings } from '../settings/settings.ts';

/** Name of the only node. */
export const NODE_NAME = 'node-1';

/** Users that get a kubeconfig, by the file of their certificate. */
const kubeconfigUsers = ['admin', 'kubelet', 'controller-manager', 'scheduler', 'proxy', 'dns'] as const;

/** A user of the API server that has a kubeconfig. */
export type KubeconfigUser = (typeof kubeconfigUsers)[number];

/** The certificates of a cluster. User and group names are those that Kubernetes' own roles are bound to. */
export const clusterCertificates = ({ network }: Settings): readonly CertificateSpec[] => [
  { file: 'etcd', commonName: 'etcd', names: ['127.0.0.1', 'localhost'], usages: ['server', 'client'] },
  {
    file: 'apiserver',
    commonName: 'kube-apiserver',
    names: [
      '127.0.0.1',
      network.nodeAddress,
      network.apiServiceAddress,
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ],
    usages: ['server'],
  },
  { file: 'apiserver-etcd', commonName: 'kube-apiserver', usages: ['client'] },
  {
    file: 'apiserver-kubelet',
    commonName: 'kube-apiserver-kubelet-client',
    organization: 'system:masters',
    usages: ['client'],
  },
  { file: 'front-proxy', commonName: 'front-proxy-client', usages: ['client'] },
  {
    file: 'kubelet',
    commonName: `system:node:${NODE_NAME}`,
    organization: 'system:nodes',
    names: [network.nodeAddress, '127.0.0.1', NODE_NAME],
    usages: ['server', 'client'],
  },
  { file: 'admin', commonName: 'admin', organization: 'system:masters', usages: ['client'] },
  { file: 'controller-manager', commonName: 'system:kube-controller-manager', usages: ['client'] },
  { file: 'scheduler', commonName: 'system:kube-scheduler', usages: ['client'] },
  { file: 'proxy', commonName: 'system:kube-proxy', usages: ['client'] },
  { file: 'dns', commonName: 'local-dns', usages: ['client'] },
];

/** Whether a state folder may have run a cluster of its own: nothing of one is started before it has an authority. */
export const hasOwnCluster = async ({ folders }: Platform): Promise<boolean> =>
  await access(join(folders.pki, 'ca.crt')).then(
    () => true,
    () => false,
  );

/** Where a user's kubeconfig is. */
export const kubeconfigOf = ({ folders }: Platform, user: KubeconfigUser): string =>
  join(folders.pki, `${user}.kubeconfig`);

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Text of a kubeconfig that needs no other file. */
const renderKubeconfig = (server: string, authority: string, user: string, { certificate, key }: KeyPair): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: user, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user } }],
    'current-context': 'local',
  });

/** Where the API server is reached from this machine. */
export const apiServerUrl = ({ ports }: Settings): string => `https://127.0.0.1:${ports.kubernetes}`;

/** Makes sure of every key, certificate and kubeconfig of the cluster. */
export const ensureClusterPki = async (platform: Platform, now: Date): Promise<void> => {
  const { folders, settings } = platform;
  const authority = await ensureAuthority(folders.pki, { file: 'ca', commonName: 'pods-local-cluster' }, now);
  await ensureSigningKey(folders.pki, 'service-account');
  await Promise.all(
    clusterCertificates(settings).map(async (spec) => {
      const pair = await ensureCertificate(folders.pki, authority, spec, now);
      const user = kubeconfigUsers.find((name) => name === spec.file);
      if (user === undefined) return;
      await putSecret(
        kubeconfigOf(platform, user),
        renderKubeconfig(apiServerUrl(settings), authority.certificate, user, pair),
      );
    }),
  );
};
