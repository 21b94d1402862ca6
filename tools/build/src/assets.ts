// Files of packages that an app reads at run time, not by an import: its package.json lists them under `bundle.assets`,
// and they go beside its bundle.
import { cp, readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

/** A list of assets that cannot be read or copied; the message names the project and what is wrong. */
export class AssetsError extends Error {
  override readonly name = 'AssetsError';
}

/**
 * Copies `"bundle": {"assets": {"<package>": ["<file>"]}}` of a project's package.json to `<dist>/assets/<package>/<file>`.
 * @returns where they are now.
 * @throws AssetsError
 */
export async function copyAssets(projectFolder: string, dist: string): Promise<readonly string[]> {
  const packageFile = join(projectFolder, 'package.json');
  const wanted = await readAssets(packageFile);
  return Promise.all(
    wanted.map(async ({ packageName, file }) => {
      const target = join(dist, 'assets', packageName, file);
      try {
        await cp(join(folderOf(packageName, packageFile), file), target);
      } catch (cause) {
        throw new AssetsError(`${packageFile}: bundle.assets: there is no ${packageName}/${file}`, { cause });
      }
      return target;
    }),
  );
}

interface Asset {
  readonly packageName: string;
  readonly file: string;
}

async function readAssets(packageFile: string): Promise<readonly Asset[]> {
  const assets = property(property(JSON.parse(await readFile(packageFile, 'utf8')), 'bundle'), 'assets') ?? {};
  const listed = typeof assets === 'object' ? Object.entries(assets) : [['', assets]];
  return listed.flatMap(([packageName, files]: readonly unknown[]) => {
    if (typeof packageName !== 'string' || !isTexts(files)) {
      throw new AssetsError(`${packageFile}: bundle.assets must be {"<package>": ["<file>"]}`);
    }
    return files.map((file) => ({ packageName, file }));
  });
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Found as the project itself would find the package. */
function folderOf(packageName: string, packageFile: string): string {
  const found = findPackageJSON(packageName, packageFile);
  if (found === undefined) throw new Error(`${packageName} is not installed`);
  return dirname(found);
}
