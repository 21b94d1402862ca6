// How much room a disk has.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** So little, in bytes, that a write fails sooner or later. */
export const FULL_BYTES = 32 * 2 ** 20;

/** Free bytes, for this user, of the disk that a folder is on or will be on. */
export const freeBytesAt = async (folder: string): Promise<number> => {
  try {
    const { bsize, bavail } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (dirname(folder) === folder) throw error;
    return await freeBytesAt(dirname(folder));
  }
};
