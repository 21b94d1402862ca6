// Bundles one app: everything it needs in one file that a bare Node runs, with its source map. The workspace's libraries
// are TypeScript that Node would not run from a node_modules folder, so production gets the bundle, never the sources.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { copyAssets } from './assets.ts';

// CommonJS packages inside an ES module call require for Node's own modules; esbuild leaves that to whoever runs it.
const requireForCommonJs =
  "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);";

// Optional parts that packages try to load and do without. pg: its native client.
const optional = ['pg-native'];

export interface Bundle {
  /** Path of `main.js`. */
  readonly file: string;
  readonly sizeBytes: number;
  /** Paths of the files that the app reads at run time. */
  readonly assets: readonly string[];
}

/**
 * Bundles `src/main.ts` of a project folder into `main.js` in its `dist`, or in another folder. What was there before is
 * gone. `main.js` comes last: where it is, everything is.
 * @throws AssetsError, or esbuild's BuildFailure, whose message lists what is wrong.
 */
export async function bundle(projectFolder: string, dist: string = join(projectFolder, 'dist')): Promise<Bundle> {
  await rm(dist, { recursive: true, force: true });
  const assets = await copyAssets(projectFolder, dist);
  const file = join(dist, 'main.js');
  const { metafile } = await build({
    absWorkingDir: projectFolder,
    entryPoints: ['src/main.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    sourcemap: true,
    metafile: true,
    external: optional,
    banner: { js: requireForCommonJs },
    logLevel: 'silent',
  });
  const [main] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  return { file, sizeBytes: main?.bytes ?? 0, assets };
}
