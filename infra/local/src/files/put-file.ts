// Writes files whole or not at all, and only when they change.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const isSame = async (file: string, content: string, mode: number): Promise<boolean> => {
  try {
    return ((await stat(file)).mode & 0o777) === mode && (await readFile(file, 'utf8')) === content;
  } catch {
    return false;
  }
};

/**
 * Makes a file have this content and mode (0644 unless told). A file that has them already is not touched: kube-proxy
 * ends itself when its settings are written again, even unchanged.
 * @returns whether anything was written.
 */
export const putFile = async (file: string, content: string, mode = 0o644): Promise<boolean> => {
  if (await isSame(file, content, mode)) return false;
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}.draft`;
  await writeFile(draft, content, { mode });
  // The mode given above is cut by the umask.
  await chmod(draft, mode);
  await rename(draft, file);
  return true;
};

/** The same for a file that only its owner may read. */
export const putSecret = async (file: string, content: string): Promise<boolean> => await putFile(file, content, 0o600);

/** Content of a file; undefined when there is none. */
export const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};
