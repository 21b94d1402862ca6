// Looks at the machine before anything is changed: rights, ports, and whether another platform is in the way.
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { cgroupOwner } from '../cluster/cgroups.ts';
import { bridgeOwner } from '../cluster/network.ts';
import { partsOf } from '../parts/all.ts';
import type { Platform } from '../platform.ts';
import { readAlive } from '../process/records.ts';
import { flagOfPort, type Settings } from '../settings/settings.ts';

/** Something that a person has to change before a platform can start here. */
export class MachineError extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'MachineError';
  }
}

const LISTENING = '0A';

/** Ports that somebody listens on, with the number of the socket, from the text of /proc/net/tcp or tcp6. */
export const parseListeners = (text: string): ReadonlyMap<number, string> => {
  const rows = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return new Map(
    rows.flatMap(([, local = '', , state, , , , , , inode = '']) =>
      state === LISTENING ? [[Number.parseInt(local.split(':')[1] ?? '', 16), inode] as const] : [],
    ),
  );
};

const listeners = async (): Promise<ReadonlyMap<number, string>> => {
  const texts = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map(async (file) => await readFile(file, 'utf8').catch(() => '')),
  );
  return new Map(texts.flatMap((text) => [...parseListeners(text)]));
};

const holds = async (pid: string, link: string): Promise<boolean> => {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(fds.map(async (fd) => await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return links.includes(link);
};

/** Name and number of the process that has a socket. */
const holderOf = async (inode: string): Promise<string> => {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (await holds(pid, `socket:[${inode}]`))
      return `${(await readFile(`/proc/${pid}/comm`, 'utf8')).trim()} (process ${pid})`;
  }
  return 'another process';
};

const flagFor = ({ ports }: Settings, port: number): string => {
  const name = Object.entries(ports).find(([, value]) => value === port)?.[0];
  return name === undefined ? '' : `, or use another one: ${flagOfPort(name)} NUMBER`;
};

/** One line for each port that a part will need and somebody else has. */
const takenPorts = async (platform: Platform): Promise<readonly string[]> => {
  const taken = await listeners();
  const lines = await Promise.all(
    partsOf(platform).map(async (part) => {
      // Cluster DNS has an address to itself.
      if (part.name === 'dns' || (await readAlive(platform.folders.run, part.name)) !== undefined) return [];
      const found = part.ports(platform).flatMap((port) => {
        const inode = taken.get(port);
        return inode === undefined ? [] : [{ port, inode }];
      });
      return await Promise.all(
        found.map(
          async ({ port, inode }) =>
            `Port ${port}, for ${part.title}, is used by ${await holderOf(inode)}. End that${flagFor(platform.settings, port)}.`,
        ),
      );
    }),
  );
  return lines.flat();
};

const foreignNetwork = async (platform: Platform): Promise<readonly string[]> => {
  const owner = await bridgeOwner(platform);
  if (owner.by !== 'another') return [];
  return [
    `The network bridge ${platform.settings.network.bridge} belongs to ${owner.who}: there can be one cluster to a network.`,
    'Stop that one (npm stop -- --state FOLDER), or run this one in a network of its own:',
    '  ip netns add pods && ip -n pods link set lo up && nsenter --net=/run/netns/pods npm start -- --cgroup pods-two',
  ];
};

const foreignGroup = async ({ settings, folders }: Platform): Promise<readonly string[]> => {
  const owner = await cgroupOwner(settings.cgroup);
  return owner === undefined || owner === folders.state
    ? []
    : [
        `The control group ${settings.cgroup} belongs to the platform with --state ${owner}. Stop that one, or choose another name with --cgroup.`,
      ];
};

/** Every process of a platform is known by what Linux tells about it. @throws MachineError */
const checkSystem = (): void => {
  if (process.platform === 'linux') return;
  throw new MachineError([
    `The local platform needs Linux; this is ${process.platform}. Use a virtual machine with Debian 12.`,
  ]);
};

/** Whether this process may do what a start with a cluster of its own has to do. @throws MachineError */
export const checkRights = (): void => {
  checkSystem();
  if (process.getuid?.() !== 0) {
    throw new MachineError([
      'The local platform makes network bridges, control groups and mounts, so it has to run as root: sudo npm start',
      'With an existing cluster (npm start -- --kubeconfig FILE) it can run as any user.',
    ]);
  }
};

/**
 * Whether this process may start, end or delete what is in a state folder that uses an existing cluster: whoever the
 * folder belongs to; root may end and delete it as well.
 * @throws MachineError
 */
export const checkOwner = async (stateFolder: string, mayRoot: boolean): Promise<void> => {
  checkSystem();
  const me = userInfo();
  const owner = await stat(stateFolder).then(
    ({ uid }) => uid,
    () => me.uid,
  );
  if (owner === me.uid || (mayRoot && me.uid === 0)) return;
  throw new MachineError([
    `The state folder ${stateFolder} belongs to another user (number ${owner}), and this is ${me.username}.`,
    'Run this as that user, or use another folder with --state FOLDER.',
  ]);
};

/** Whether a platform can start here. @throws MachineError with everything that is in the way. */
export const checkMachine = async (platform: Platform): Promise<void> => {
  // An existing cluster has its network and its control groups elsewhere.
  const network = platform.existing === undefined ? await foreignNetwork(platform) : [];
  // Another cluster has the cluster's ports too: one reason is enough.
  const group = platform.existing === undefined ? await foreignGroup(platform) : [];
  const lines = network.length > 0 ? network : [...(await takenPorts(platform)), ...group];
  if (lines.length > 0) throw new MachineError(lines);
};
