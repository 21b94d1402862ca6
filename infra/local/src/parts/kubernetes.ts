// The daemons of the cluster as parts. What is written into their settings files is decided in cluster/.
import { Resolver } from 'node:dns/promises';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { apiGet } from '../cluster/api.ts';
import { kubeconfigOf, NODE_NAME } from '../cluster/certificates.ts';
import { ensureCgroup } from '../cluster/cgroups.ts';
import {
  apiServerArguments,
  controllerArguments,
  nameserversOf,
  renderContainerd,
  renderCorefile,
  renderEtcd,
  renderKubelet,
  renderProxy,
  renderRegistryHost,
  schedulerArguments,
} from '../cluster/configs.ts';
import { putFile, readIfThere } from '../files/put-file.ts';
import type { Platform } from '../platform.ts';
import { probe } from '../process/probe.ts';
import { run } from '../process/run.ts';
import type { Part } from './part.ts';

/** Ports that the cluster's own parts listen on; they are not settings, because there is one cluster to a network. */
const clusterPorts = {
  kubelet: 10_250,
  controllers: 10_257,
  scheduler: 10_259,
  proxy: 10_256,
  dns: 53,
} as const;

const socketOf = ({ folders }: Platform): string => join(folders.run, 'containerd.sock');

const containerdVersion = async (program: string): Promise<1 | 2> =>
  / v?2\./.test(await run(program, ['--version'])) ? 2 : 1;

const containerd: Part = {
  name: 'containerd',
  title: 'containerd',
  ports: () => [],
  readyMs: 30_000,
  prepare: async ({ folders, settings }, programs) => {
    const file = join(folders.conf, 'containerd.toml');
    const majorVersion = await containerdVersion(programs.containerd);
    await putFile(file, renderContainerd(folders, { ...programs, majorVersion }));
    await putFile(join(folders.registries, 'pods.local', 'hosts.toml'), renderRegistryHost(settings.ports.registry));
    return { name: 'containerd', program: programs.containerd, args: ['--config', file], files: [file] };
  },
  check: async (platform) => {
    await run('ctr', ['--address', socketOf(platform), 'version'], { timeoutMs: 5_000 });
  },
};

const etcd: Part = {
  name: 'etcd',
  title: 'etcd',
  ports: ({ settings }) => [settings.ports.etcd, settings.ports.etcdPeer],
  readyMs: 30_000,
  prepare: async ({ folders, settings }, { kube }) => {
    const file = join(folders.conf, 'etcd.yaml');
    await putFile(file, renderEtcd(folders, settings));
    return {
      name: 'etcd',
      program: kube,
      args: ['etcd', '--config-file', file],
      files: [file, join(folders.pki, 'etcd.crt')],
    };
  },
  check: async ({ folders, settings }) => {
    const [ca, cert, key] = await Promise.all(
      ['ca.crt', 'apiserver-etcd.crt', 'apiserver-etcd.key'].map(
        async (file) => await readFile(join(folders.pki, file), 'utf8'),
      ),
    );
    if (ca === undefined || cert === undefined || key === undefined) throw new Error('no certificates');
    await probe(`https://127.0.0.1:${settings.ports.etcd}/health`, { ca, cert, key });
  },
};

const apiserver: Part = {
  name: 'apiserver',
  title: 'Kubernetes API server',
  ports: ({ settings }) => [settings.ports.kubernetes],
  readyMs: 90_000,
  prepare: async ({ folders, settings }, { kube }) =>
    await Promise.resolve({
      name: 'apiserver',
      program: kube,
      args: ['apiserver', ...apiServerArguments(folders, settings)],
      files: [
        join(folders.pki, 'apiserver.crt'),
        join(folders.pki, 'ca.crt'),
        join(folders.pki, 'service-account.pub'),
      ],
      // It would wait a minute for somebody's `kubectl get --watch`. What is written is in etcd already.
      graceMs: 4_000,
    }),
  check: async (platform, signal) => {
    await apiGet(platform, '/readyz', signal);
  },
};

/** A health endpoint that has a certificate of its own making. */
const healthz = async (port: number): Promise<void> => {
  await probe(`https://127.0.0.1:${port}/healthz`, { unverified: true });
};

const controllers: Part = {
  name: 'controller-manager',
  title: 'Kubernetes controllers',
  ports: () => [clusterPorts.controllers],
  readyMs: 60_000,
  prepare: async ({ folders }, { kube }) =>
    await Promise.resolve({
      name: 'controller-manager',
      program: kube,
      args: ['controller-manager', ...controllerArguments(folders)],
      files: [
        join(folders.pki, 'controller-manager.kubeconfig'),
        join(folders.pki, 'ca.crt'),
        join(folders.pki, 'service-account.key'),
      ],
    }),
  check: async (platform, signal) => {
    await healthz(clusterPorts.controllers);
    // The controllers make it; without it no pod can be created.
    await apiGet(platform, '/api/v1/namespaces/default/serviceaccounts/default', signal);
  },
};

const scheduler: Part = {
  name: 'scheduler',
  title: 'Kubernetes scheduler',
  ports: () => [clusterPorts.scheduler],
  readyMs: 60_000,
  prepare: async (platform, { kube }) =>
    await Promise.resolve({
      name: 'scheduler',
      program: kube,
      args: ['scheduler', ...schedulerArguments(platform.folders)],
      files: [kubeconfigOf(platform, 'scheduler')],
    }),
  check: async () => {
    await healthz(clusterPorts.scheduler);
  },
};

const nodeSchema = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })),
  }),
});

/** The machine's list of name servers. systemd-resolved's own list names only itself, which pods cannot reach. */
const readNameservers = async (): Promise<string> =>
  (await readIfThere('/run/systemd/resolve/resolv.conf')) ?? (await readIfThere('/etc/resolv.conf')) ?? '';

const kubelet: Part = {
  name: 'kubelet',
  title: 'kubelet',
  ports: () => [clusterPorts.kubelet],
  readyMs: 90_000,
  prepare: async (platform, { kube }) => {
    const { folders, settings } = platform;
    const file = join(folders.conf, 'kubelet.yaml');
    await ensureCgroup(settings.cgroup, folders.state);
    await mkdir(join(folders.kubelet, 'flexvolume'), { recursive: true });
    await putFile(join(folders.conf, 'resolv.conf'), await readNameservers());
    await putFile(file, renderKubelet(folders, settings));
    const args = [
      'kubelet',
      `--config=${file}`,
      `--kubeconfig=${kubeconfigOf(platform, 'kubelet')}`,
      `--root-dir=${folders.kubelet}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${settings.network.nodeAddress}`,
    ];
    return { name: 'kubelet', program: kube, args, files: [file, kubeconfigOf(platform, 'kubelet')] };
  },
  check: async (platform, signal) => {
    const { status } = nodeSchema.parse(JSON.parse(await apiGet(platform, `/api/v1/nodes/${NODE_NAME}`, signal)));
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True') throw new Error(ready?.message ?? 'the node has not reported yet');
    // What the API server knows may be left from before.
    await probe('http://127.0.0.1:10248/healthz');
  },
};

const proxy: Part = {
  name: 'proxy',
  title: 'kube-proxy',
  ports: () => [clusterPorts.proxy],
  readyMs: 60_000,
  prepare: async (platform, { kube }) => {
    const file = join(platform.folders.conf, 'proxy.yaml');
    await putFile(file, renderProxy(platform.folders, platform.settings, NODE_NAME));
    return {
      name: 'proxy',
      program: kube,
      args: ['proxy', `--config=${file}`],
      files: [file, kubeconfigOf(platform, 'proxy')],
    };
  },
  check: async () => {
    await probe(`http://127.0.0.1:${clusterPorts.proxy}/healthz`);
  },
};

const dns: Part = {
  name: 'dns',
  title: 'cluster DNS',
  ports: () => [clusterPorts.dns],
  readyMs: 60_000,
  prepare: async (platform, programs) => {
    const { folders, settings } = platform;
    const file = join(folders.conf, 'Corefile');
    await putFile(file, renderCorefile(folders, settings, nameserversOf(await readNameservers())));
    return { name: 'dns', program: programs.dns, args: ['-conf', file], files: [file, kubeconfigOf(platform, 'dns')] };
  },
  check: async ({ settings }) => {
    const resolver = new Resolver({ timeout: 1_000, tries: 1 });
    resolver.setServers([settings.network.nodeAddress]);
    const found = await resolver.resolve4('kubernetes.default.svc.cluster.local');
    if (!found.includes(settings.network.apiServiceAddress))
      throw new Error(`the API server's name leads to ${found.join(', ')}`);
  },
};

/** The cluster's parts, by name. */
export const kubernetes = { containerd, etcd, apiserver, controllers, scheduler, kubelet, proxy, dns } as const;
