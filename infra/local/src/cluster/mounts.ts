// Finds and takes away what is mounted below a folder.
import { readFile } from 'node:fs/promises';
import { attempt } from '../process/run.ts';

/** The kernel writes blanks in paths as octal numbers. */
const unescape = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));

/** Mount points below a folder, innermost and latest first, from the text of /proc/self/mounts. */
export const mountsBelow = (mounts: string, folder: string): readonly string[] =>
  mounts
    .split('\n')
    .map((line) => unescape(line.split(' ')[1] ?? ''))
    .filter((path) => path.startsWith(`${folder}/`))
    .toReversed()
    .toSorted((a, b) => b.split('/').length - a.split('/').length);

/** What is mounted below a folder now. */
export const findMounts = async (folder: string): Promise<readonly string[]> =>
  mountsBelow(await readFile('/proc/self/mounts', 'utf8'), folder);

/**
 * Unmounts everything below a folder. What is still in use vanishes from sight now, and for good when it is not.
 * @throws Error when something stays mounted.
 */
export const unmountBelow = async (folder: string): Promise<void> => {
  for (const path of await findMounts(folder)) {
    if (!(await attempt('umount', [path]))) await attempt('umount', ['-l', path]);
  }
  const left = await findMounts(folder);
  if (left.length > 0) throw new Error(`still mounted: ${left.join(', ')}`);
};
