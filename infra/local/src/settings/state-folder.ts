// Turns what the file system refuses about the state folder into a sentence for whoever named it.
import { SettingsError } from './settings.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EROFS: 'it is on a file system that cannot be written',
  ENOTDIR: 'there is a file in its place, or in that of a folder above it',
  EEXIST: 'there is a file in its place',
  ENOENT: 'it cannot be made there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'its path is too long',
};

const reasonOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? reasons[error.code] : undefined;

/**
 * Does something with a state folder before anything runs.
 * @throws SettingsError when the file system does not let us.
 */
export const withStateFolder = async <T>(stateFolder: string, act: () => Promise<T>): Promise<T> => {
  try {
    return await act();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new SettingsError([
      `The state folder ${stateFolder} cannot be used: ${reason} (${error instanceof Error ? error.message : ''}).`,
      'Choose another one with --state FOLDER, or correct that.',
    ]);
  }
};
