// Where the apps' programs are, and what they are made of.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of the checkout. */
const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/** The file that starts an app. */
export const entryOf = (project: string): string => join(ROOT, project, 'src', 'main.ts');

const sourcesOf = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
};

/**
 * The files that a process of a project is made of: its own, those of all libraries, and the lockfile. When one has
 * changed, the next start replaces the process.
 */
export const sourceFilesOf = async (project: string): Promise<readonly string[]> => {
  const libraries = await readdir(join(ROOT, 'libs')).catch(() => []);
  const folders = [join(ROOT, project, 'src'), ...libraries.map((name) => join(ROOT, 'libs', name, 'src'))];
  const files = (await Promise.all(folders.map(sourcesOf))).flat().toSorted();
  return [...files, join(ROOT, 'package-lock.json')];
};
