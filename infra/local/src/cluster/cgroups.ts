// The pods' own control group: made before the kubelet starts, emptied and removed after it has ended.
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '../files/put-file.ts';
import { until } from '../process/until.ts';

/** Folders under which a control group lies: one for each hierarchy of version 1, one for version 2. */
export const hierarchiesOf = (mounts: string): readonly string[] => {
  const rows = mounts.split('\n').map((line) => line.split(' '));
  const folders = rows.flatMap(([, folder, type]) => (folder !== undefined && (type === 'cgroup' || type === 'cgroup2') ? [folder] : []));
  return [...new Set(folders)];
};

const groupFolders = async (group: string): Promise<readonly { readonly root: string; readonly folder: string }[]> =>
  hierarchiesOf(await readFile('/proc/self/mounts', 'utf8')).map((root) => ({ root, folder: join(root, group) }));

/** In version 1 a new group may run on no processor and use no memory until it is told which. */
const fillCpuset = async (root: string, folder: string): Promise<void> => {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    if ((await readIfThere(join(folder, name)))?.trim() === '') await writeFile(join(folder, name), await readFile(join(root, name), 'utf8'));
  }
};

/** Makes the group in every hierarchy. */
export const ensureCgroup = async (group: string): Promise<void> => {
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
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory()).map(async ({ name }) => await foldersBelow(join(folder, name))));
  return [...below.flat(), folder];
};

const allFolders = async (group: string): Promise<readonly string[]> =>
  (await Promise.all((await groupFolders(group)).map(async ({ folder }) => await foldersBelow(folder)))).flat();

const membersOf = async (group: string): Promise<readonly number[]> => {
  const lists = await Promise.all((await allFolders(group)).map(async (folder) => (await readIfThere(join(folder, 'cgroup.procs'))) ?? ''));
  return [...new Set(lists.join('\n').split('\n').filter((line) => /^[1-9]\d*$/.test(line)).map(Number))];
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
};

/** Kills every process in the group. The group is ours alone, so these are containers of ours. */
export const killMembers = async (group: string): Promise<void> => {
  const check = async (): Promise<void> => {
    const members = await membersOf(group);
    members.forEach(kill);
    if (members.length > 0) throw new Error(`${members.length} processes are left`);
  };
  await until(check, { what: `the end of all processes in control group ${group}`, deadlineMs: 20_000, intervalMs: 50 });
};

/** Removes the group, which has to be empty. */
export const removeCgroup = async (group: string): Promise<void> => {
  const check = async (): Promise<void> => {
    const folders = await allFolders(group);
    for (const folder of folders) await rmdir(folder);
  };
  // A process that was just killed counts as a member for a moment.
  await until(check, { what: `the removal of control group ${group}`, deadlineMs: 10_000, intervalMs: 50 });
};
