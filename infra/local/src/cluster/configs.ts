// Settings files of the cluster's daemons, as texts. Pure. Each value that is not obvious says what goes wrong without it.
import { stringify } from 'yaml';
import type { Folders } from '../platform.ts';
import type { Settings } from '../settings/settings.ts';

/** The image that holds a pod's namespaces; it is brought along, never pulled. */
export const PAUSE_IMAGE = 'pods.local/pause:1';

/** What containerd is told about the programs around it. `majorVersion` decides the layout of its settings. */
export type ContainerdPrograms = { readonly majorVersion: 1 | 2; readonly runc: string; readonly cniPlugins: string };

const toml = (value: string): string => JSON.stringify(value);

const containerdCommon = (folders: Folders, runtime: string, version: number): string => `version = ${version}
root = ${toml(folders.containerd)}
state = ${toml(`${folders.run}/containerd`)}

[grpc]
  address = ${toml(`${folders.run}/containerd.sock`)}

[plugins.${toml(runtime)}]
  netns_mounts_under_state_dir = true
  # Inside sandboxes root may lack the right to make a process less likely to be killed for memory.
  restrict_oom_score_adj = true
`;

const runcTable = (folders: Folders, runtime: string, runc: string): string => `
[plugins.${toml(runtime)}.containerd]
  default_runtime_name = "runc"
[plugins.${toml(runtime)}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins.${toml(runtime)}.containerd.runtimes.runc.options]
  BinaryName = ${toml(runc)}
  Root = ${toml(`${folders.run}/runc`)}
  SystemdCgroup = false
`;

/** containerd, for the kubelet alone. */
export const renderContainerd = (folders: Folders, { majorVersion, runc, cniPlugins }: ContainerdPrograms): string => {
  const cni = `${folders.cni}/conf`;
  if (majorVersion === 1) {
    const runtime = 'io.containerd.grpc.v1.cri';
    return `${containerdCommon(folders, runtime, 2)}  sandbox_image = ${toml(PAUSE_IMAGE)}

[plugins.${toml(runtime)}.registry]
  config_path = ${toml(folders.registries)}

[plugins.${toml(runtime)}.cni]
  bin_dir = ${toml(cniPlugins)}
  conf_dir = ${toml(cni)}
${runcTable(folders, runtime, runc)}`;
  }
  const runtime = 'io.containerd.cri.v1.runtime';
  const images = 'io.containerd.cri.v1.images';
  return `${containerdCommon(folders, runtime, 3)}
[plugins.${toml(runtime)}.cni]
  bin_dirs = [${toml(cniPlugins)}]
  conf_dir = ${toml(cni)}
${runcTable(folders, runtime, runc)}
[plugins.${toml(images)}]
  snapshotter = "overlayfs"
[plugins.${toml(images)}.pinned_images]
  sandbox = ${toml(PAUSE_IMAGE)}
[plugins.${toml(images)}.registry]
  config_path = ${toml(folders.registries)}
`;
};

/** Images called pods.local/... come from the local registry and from nowhere else. */
export const renderRegistryHost = (port: number): string => `server = "http://127.0.0.1:${port}"

[host."http://127.0.0.1:${port}"]
  capabilities = ["pull", "resolve"]
`;

/** One etcd member that keeps only recent revisions. */
export const renderEtcd = ({ etcd, pki }: Folders, { ports }: Settings): string =>
  stringify({
    name: 'main',
    'data-dir': etcd,
    'listen-client-urls': `https://127.0.0.1:${ports.etcd}`,
    'advertise-client-urls': `https://127.0.0.1:${ports.etcd}`,
    'listen-peer-urls': `http://127.0.0.1:${ports.etcdPeer}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${ports.etcdPeer}`,
    'initial-cluster': `main=http://127.0.0.1:${ports.etcdPeer}`,
    'client-transport-security': {
      'cert-file': `${pki}/etcd.crt`,
      'key-file': `${pki}/etcd.key`,
      'trusted-ca-file': `${pki}/ca.crt`,
      'client-cert-auth': true,
    },
    'auto-compaction-mode': 'periodic',
    'auto-compaction-retention': '5m',
    'log-level': 'warn',
    // Nanoseconds. Without it the embedded server takes every request for a slow one and logs it.
    'warning-unary-request-duration': 300_000_000,
  });

/** Command line of the API server: certificates everywhere, nodes and roles decide who may do what. */
export const apiServerArguments = ({ pki }: Folders, { ports, network }: Settings): readonly string[] => [
  `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
  `--etcd-cafile=${pki}/ca.crt`,
  `--etcd-certfile=${pki}/apiserver-etcd.crt`,
  `--etcd-keyfile=${pki}/apiserver-etcd.key`,
  `--secure-port=${ports.kubernetes}`,
  `--advertise-address=${network.nodeAddress}`,
  `--tls-cert-file=${pki}/apiserver.crt`,
  `--tls-private-key-file=${pki}/apiserver.key`,
  `--client-ca-file=${pki}/ca.crt`,
  `--kubelet-client-certificate=${pki}/apiserver-kubelet.crt`,
  `--kubelet-client-key=${pki}/apiserver-kubelet.key`,
  `--kubelet-certificate-authority=${pki}/ca.crt`,
  '--kubelet-preferred-address-types=InternalIP',
  `--requestheader-client-ca-file=${pki}/ca.crt`,
  '--requestheader-allowed-names=front-proxy-client',
  '--requestheader-username-headers=X-Remote-User',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  `--proxy-client-cert-file=${pki}/front-proxy.crt`,
  `--proxy-client-key-file=${pki}/front-proxy.key`,
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  `--service-account-key-file=${pki}/service-account.pub`,
  `--service-account-signing-key-file=${pki}/service-account.key`,
  `--service-cluster-ip-range=${network.serviceCidr}`,
  '--authorization-mode=Node,RBAC',
  '--enable-admission-plugins=NodeRestriction',
  '--allow-privileged=true',
  '--profiling=false',
];

/** Command line of the controllers. With the default rate the default service account comes 4 s late. */
export const controllerArguments = ({ pki, kubelet }: Folders): readonly string[] => [
  `--kubeconfig=${pki}/controller-manager.kubeconfig`,
  `--authentication-kubeconfig=${pki}/controller-manager.kubeconfig`,
  `--authorization-kubeconfig=${pki}/controller-manager.kubeconfig`,
  '--bind-address=127.0.0.1',
  '--leader-elect=false',
  '--use-service-account-credentials=true',
  '--kube-api-qps=200',
  '--kube-api-burst=400',
  `--flex-volume-plugin-dir=${kubelet}/flexvolume`,
  `--root-ca-file=${pki}/ca.crt`,
  `--service-account-private-key-file=${pki}/service-account.key`,
  `--cluster-signing-cert-file=${pki}/ca.crt`,
  `--cluster-signing-key-file=${pki}/ca.key`,
  '--profiling=false',
];

/** Command line of the scheduler. */
export const schedulerArguments = ({ pki }: Folders): readonly string[] => [
  `--kubeconfig=${pki}/scheduler.kubeconfig`,
  `--authentication-kubeconfig=${pki}/scheduler.kubeconfig`,
  `--authorization-kubeconfig=${pki}/scheduler.kubeconfig`,
  '--bind-address=127.0.0.1',
  '--leader-elect=false',
  '--profiling=false',
];

/** The kubelet: no systemd, control groups of either version, no iptables. */
export const renderKubelet = ({ pki, run, log, conf, kubelet }: Folders, { network, cgroup }: Settings): string =>
  stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${run}/containerd.sock`,
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    // A group of our own: stopping ends everything in it and must not meet another Kubernetes.
    cgroupRoot: `/${cgroup}`,
    enforceNodeAllocatable: [],
    makeIPTablesUtilChains: false,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${pki}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${pki}/kubelet.crt`,
    tlsPrivateKeyFile: `${pki}/kubelet.key`,
    address: network.nodeAddress,
    healthzBindAddress: '127.0.0.1',
    podLogsDir: `${log}/pods`,
    volumePluginDir: `${kubelet}/flexvolume`,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    resolvConf: `${conf}/resolv.conf`,
    clusterDNS: [network.nodeAddress],
    clusterDomain: 'cluster.local',
    failSwapOn: false,
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    // Health follows the output from its beginning; this is only what somebody who comes late can still read.
    containerLogMaxSize: '10Mi',
    containerLogMaxFiles: 3,
    // A nearly full disk of a developer must neither evict pods nor delete images.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.inodesFree': '1%',
    },
  });

/** kube-proxy, with packet rules of the nftables kind only. */
export const renderProxy = ({ pki }: Folders, { network }: Settings, nodeName: string): string =>
  stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: `${pki}/proxy.kubeconfig` },
    mode: 'nftables',
    hostnameOverride: nodeName,
    bindAddress: '0.0.0.0',
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    clusterCIDR: network.podCidr,
    detectLocalMode: 'ClusterCIDR',
    nodePortAddresses: ['primary'],
    // By default rules are written once a second: a page would be that much later than its pod.
    nftables: { minSyncPeriod: '100ms' },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });

/** Name servers in the text of a resolv.conf. */
export const nameserversOf = (resolvConf: string): readonly string[] =>
  resolvConf.split('\n').flatMap((line) => /^nameserver\s+(\S+)/.exec(line)?.[1] ?? []);

/** Cluster DNS: Services from the API server, everything else from the machine's own name servers, if it has any. */
export const renderCorefile = (
  { pki }: Folders,
  { network }: Settings,
  nameservers: readonly string[],
): string => `.:53 {
  bind ${network.nodeAddress}
  errors
  cache 10
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${pki}/dns.kubeconfig
    ttl 5
  }
${nameservers.length === 0 ? '' : `  forward . ${nameservers.join(' ')}\n`}}
`;
