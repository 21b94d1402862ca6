// The pods' own control group: made before the kubelet starts, emptied and removed after it has ended.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { putFile, readIfThere } from '../files/put-file.ts';
import { until } from '../process/until.ts';

/** Folders under which a control group lies: one for each hierarchy of version 1, one for version 2. */
export const hierarchiesOf = (mounts: string): readonly string[] => {
  const rows = mounts.split('\n').map((line) => line.split(' '));
  const folders = rows.flatMap(([, folder, type]) =>
    folder !== undefined && (type === 'cgroup' || type === 'cgroup2') ? [folder] : [],
  );
  return [...new Set(folders)];
};

const groupFolders = async (group: string): Promise<readonly { readonly root: string; readonly folder: string }[]> =>
  hierarchiesOf(await readFile('/proc/self/mounts', 'utf8')).map((root) => ({ root, folder: join(root, group) }));

/** In version 1 a new group may run on no processor and use no memory until it is told which. */
const fillCpuset = async (root: string, folder: string): Promise<void> => {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    if ((await readIfThere(join(folder, name)))?.trim() === '')
      await writeFile(join(folder, name), await readFile(join(root, name), 'utf8'));
  }
};

/** Gone with a reboot, as the groups are. */
const OWNERS_FOLDER = '/run/pods-service';

const ownerFile = (group: string): string => join(OWNERS_FOLDER, `${group}.cgroup`);

/** Makes the group in every hierarchy, for the platform with this state folder. */
export const ensureCgroup = async (group: string, stateFolder: string): Promise<void> => {
  await putFile(ownerFile(group), `${stateFolder}\n`);
  for (const { root, folder } of await groupFolders(group)) {
    await mkdir(folder, { recursive: true });
    await fillCpuset(root, folder);
  }
};

/** All groups in a folder, innermost first, and the folder itself last. */
const foldersBelow = async (folder: string): Promise<readonly string[]> => {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map(async ({ name }) => await foldersBelow(join(folder, name))),
  );
  return [...below.flat(), folder];
};

const allFolders = async (group: string): Promise<readonly string[]> =>
  (await Promise.all((await groupFolders(group)).map(async ({ folder }) => await foldersBelow(folder)))).flat();

const membersOf = async (group: string): Promise<readonly number[]> => {
  const lists = await Promise.all(
    (await allFolders(group)).map(async (folder) => (await readIfThere(join(folder, 'cgroup.procs'))) ?? ''),
  );
  return [
    ...new Set(
      lists
        .join('\n')
        .split('\n')
        .filter((line) => /^[1-9]\d*$/.test(line))
        .map(Number),
    ),
  ];
};

/**
 * State folder of the platform that has the group; undefined when none has. A claim whose state folder was deleted and
 * that holds no process any more is nobody's.
 */
export const cgroupOwner = async (group: string): Promise<string | undefined> => {
  const owner = (await readIfThere(ownerFile(group)))?.trim();
  if (owner === undefined || existsSync(owner)) return owner;
  return (await membersOf(group)).length > 0 ? owner : undefined;
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
};

/** Kills every process in the group. The group is ours alone, so these are containers of ours. */
const killMembers = async (group: string): Promise<void> => {
  const check = async (): Promise<void> => {
    const members = await membersOf(group);
    members.forEach(kill);
    if (members.length > 0) throw new Error(`${members.length} processes are left`);
  };
  await until(check, {
    what: `the end of all processes in control group ${group}`,
    deadlineMs: 20_000,
    intervalMs: 50,
  });
};

/** Kills what is left in the group of the platform with this state folder. */
export const killCgroup = async (group: string, stateFolder: string): Promise<void> => {
  if ((await cgroupOwner(group)) === stateFolder) await killMembers(group);
};

/** Removes the empty group of the platform with this state folder. */
export const removeCgroup = async (group: string, stateFolder: string): Promise<void> => {
  if ((await cgroupOwner(group)) !== stateFolder) return;
  const check = async (): Promise<void> => {
    for (const folder of await allFolders(group)) await rmdir(folder);
  };
  // A process that was just killed counts as a member for a moment.
  await until(check, { what: `the removal of control group ${group}`, deadlineMs: 10_000, intervalMs: 50 });
  await rm(ownerFile(group), { force: true });
  // Stays when another platform has a group.
  await rmdir(OWNERS_FOLDER).catch(() => undefined);
};
