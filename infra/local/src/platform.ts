// One platform: its settings and the folders below its state folder. Starts nothing.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readExistingCluster, type ExistingCluster } from './cluster/existing/mark.ts';
import { putFile, readIfThere } from './files/put-file.ts';
import type { DaemonHome } from './process/launch.ts';
import type { Settings } from './settings/settings.ts';

/** Where things are. Only `run`, `log` and the files that programs need hold nothing secret. */
export type Folders = {
  readonly state: string;
  readonly run: string;
  readonly log: string;
  /** Settings files of daemons, written at every start. */
  readonly conf: string;
  /** Certificates and kubeconfigs of the cluster. */
  readonly pki: string;
  /** Certificates that people's programs see, by an authority of their own. */
  readonly edge: string;
  /** Passwords and keys of parts, one file each. */
  readonly secrets: string;
  readonly etcd: string;
  readonly kubelet: string;
  readonly containerd: string;
  readonly cni: string;
  /** containerd's table of registries. */
  readonly registries: string;
  readonly registry: string;
  readonly nats: string;
  readonly postgres: string;
  readonly authForward: string;
  readonly identity: string;
};

/** One platform. */
export type Platform = {
  readonly settings: Settings;
  readonly folders: Folders;
  readonly home: DaemonHome;
  /** Marks every cluster object and daemon as this platform's; made once for a state folder. */
  readonly installationId: string;
  /** The cluster that it uses instead of one of its own, as its last start found it. */
  readonly existing?: ExistingCluster | undefined;
};

const installationSchema = z.object({ installationId: z.uuid() });

const MARKER = 'installation.json';

/** Folders whose content is nobody else's business. */
const privateFolders = [
  'pki',
  'secrets',
  'etcd',
  'kubelet',
  'containerd',
  'nats',
  'authForward',
  'identity',
] as const satisfies readonly (keyof Folders)[];

const openFolders = [
  'edge',
  'run',
  'log',
  'conf',
  'cni',
  'registries',
  'registry',
] as const satisfies readonly (keyof Folders)[];

/** The folders of a state folder. */
export const foldersOf = (state: string): Folders => ({
  state,
  run: join(state, 'run'),
  log: join(state, 'log'),
  conf: join(state, 'conf'),
  pki: join(state, 'pki', 'cluster'),
  edge: join(state, 'pki'),
  secrets: join(state, 'secrets'),
  etcd: join(state, 'etcd'),
  kubelet: join(state, 'kubelet'),
  containerd: join(state, 'containerd'),
  cni: join(state, 'cni'),
  registries: join(state, 'registries'),
  registry: join(state, 'registry'),
  nats: join(state, 'nats'),
  postgres: join(state, 'postgres'),
  authForward: join(state, 'auth-forward'),
  identity: join(state, 'identity'),
});

const assemble = (settings: Settings, state: string, installationId: string): Platform => {
  const folders = foldersOf(state);
  const home = { runFolder: folders.run, logFolder: folders.log, installationId };
  return { settings: { ...settings, stateFolder: state }, folders, home, installationId };
};

/** The platform of a state folder that was made before; undefined when the folder is not one. */
export const findPlatform = async (settings: Settings): Promise<Platform | undefined> => {
  const content = await readIfThere(join(settings.stateFolder, MARKER));
  if (content === undefined) return undefined;
  const { installationId } = installationSchema.parse(JSON.parse(content));
  // Links are followed, because the kernel's list of mounts knows the true path only.
  const state = await realpath(settings.stateFolder);
  return { ...assemble(settings, state, installationId), existing: await readExistingCluster(state) };
};

/** The platform of a state folder, which is made if it is not there. */
export const openPlatform = async (settings: Settings): Promise<Platform> => {
  // Traversable: Postgres has to get through to its own folder.
  await mkdir(settings.stateFolder, { recursive: true, mode: 0o755 });
  const platform =
    (await findPlatform(settings)) ?? assemble(settings, await realpath(settings.stateFolder), randomUUID());
  const { folders, installationId } = platform;
  await putFile(join(folders.state, MARKER), `${JSON.stringify({ installationId })}\n`);
  await Promise.all([
    ...privateFolders.map(async (name) => {
      await mkdir(folders[name], { recursive: true });
      await chmod(folders[name], 0o700);
    }),
    ...openFolders.map(async (name) => await mkdir(folders[name], { recursive: true })),
  ]);
  return platform;
};
