// Takes the cluster down and removes what it made outside of its state folder. Works from any half-done state, so also
// after a crash of the machine or of any daemon.
import { lstat, readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { kubernetes } from '../parts/kubernetes.ts';
import type { Part } from '../parts/part.ts';
import type { Platform } from '../platform.ts';
import { endProcess, haltDaemon } from '../process/daemon.ts';
import { findByVariable } from '../process/identity.ts';
import { readAlive } from '../process/records.ts';
import { attempt, CommandError, run } from '../process/run.ts';
import { until } from '../process/until.ts';
import { killCgroup, removeCgroup } from './cgroups.ts';
import { unmountBelow } from './mounts.ts';
import { removeNetwork } from './network.ts';

const { containerd, etcd, apiserver, controllers, scheduler, kubelet, proxy, dns } = kubernetes;

const halt = async (platform: Platform, ...parts: readonly Part[]): Promise<void> => {
  await Promise.all(
    parts.map(async ({ name }) => {
      await haltDaemon(platform.home, name);
    }),
  );
};

const ctr = (platform: Platform, args: readonly string[]): readonly [string, readonly string[]] => [
  'ctr',
  ['--address', join(platform.folders.run, 'containerd.sock'), '--namespace', 'k8s.io', ...args],
];

const list = async (platform: Platform, kind: 'tasks' | 'containers'): Promise<readonly string[]> => {
  try {
    return (await run(...ctr(platform, [kind, 'ls', '--quiet']))).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (error instanceof CommandError) return [];
    throw error;
  }
};

const forEach = async (platform: Platform, ids: readonly string[], args: readonly string[]): Promise<void> => {
  await Promise.all(ids.map(async (id) => await attempt(...ctr(platform, [...args, id]))));
};

/** Containers outlive containerd, so they are ended while it is there to forget them properly. */
const removeContainers = async (platform: Platform): Promise<void> => {
  if ((await readAlive(platform.folders.run, containerd.name)) === undefined) return;
  await forEach(platform, await list(platform, 'tasks'), ['tasks', 'kill', '--all', '--signal', 'SIGKILL']);
  const gone = async (): Promise<void> => {
    const tasks = await list(platform, 'tasks');
    await forEach(platform, tasks, ['tasks', 'rm', '--force']);
    if (tasks.length > 0) throw new Error(`${tasks.length} are left`);
  };
  // What cannot be ended this way is ended by its control group below.
  await until(gone, { what: 'the end of all containers', deadlineMs: 10_000, intervalMs: 50 }).catch(() => undefined);
  await forEach(platform, await list(platform, 'containers'), ['containers', 'rm']);
};

/** containerd's shims have its environment; when it was killed they are left alone with it. */
const endShims = async (platform: Platform): Promise<void> => {
  const recorded = await readAlive(platform.folders.run, containerd.name);
  const marked = await findByVariable(`PODS_INSTALLATION=${platform.installationId}`);
  const names = await Promise.all(marked.map(async ({ pid }) => await readlink(`/proc/${pid}/exe`).catch(() => '')));
  const shims = marked.filter(
    (identity, index) => identity.pid !== recorded?.pid && names[index]?.includes('containerd-shim') === true,
  );
  await Promise.all(
    shims.map(async (identity) => {
      await endProcess(identity, 'SIGKILL', 1_000);
    }),
  );
};

/** The kubelet links its pods' logs into a folder that no setting moves. */
const removeLogLinks = async ({ folders }: Platform): Promise<void> => {
  const folder = '/var/log/containers';
  const names = await readdir(folder).catch(() => []);
  const ours = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return (await lstat(path)).isSymbolicLink() && (await readlink(path)).startsWith(`${folders.state}/`)
        ? [path]
        : [];
    }),
  );
  await Promise.all(
    ours.flat().map(async (path) => {
      await rm(path, { force: true });
    }),
  );
};

/** Stops everything of the cluster. Its state stays, so that it can go on later. */
export const bringClusterDown = async (platform: Platform): Promise<void> => {
  const { folders, settings } = platform;
  await halt(platform, kubelet, proxy, scheduler, controllers, dns);
  await removeContainers(platform);
  await killCgroup(settings.cgroup, folders.state);
  await endShims(platform);
  // Without etcd the API server would wait for it in vain until it is killed.
  const etcdRuns = (await readAlive(folders.run, etcd.name)) !== undefined;
  await haltDaemon(platform.home, apiserver.name, etcdRuns ? undefined : 0);
  await halt(platform, containerd);
  await halt(platform, etcd);
  await unmountBelow(folders.state);
  await Promise.all(
    [join(folders.cni, 'data'), join(folders.run, 'containerd'), join(folders.run, 'runc')].map(async (folder) => {
      await rm(folder, { recursive: true, force: true });
    }),
  );
  await removeLogLinks(platform);
  await removeCgroup(settings.cgroup, folders.state);
  await removeNetwork(platform);
};
