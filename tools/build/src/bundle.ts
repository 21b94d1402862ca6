// Bundles one app: everything it needs in one file that a bare Node runs, with its source map. The workspace's libraries
// are TypeScript that Node would not run from a node_modules folder, so production gets the bundle, never the sources.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

// CommonJS packages inside an ES module call require for Node's own modules; esbuild leaves that to whoever runs it.
const requireForCommonJs =
  "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);";

// Optional parts that packages try to load and do without. pg: its native client.
const optional = ['pg-native'];

/**
 * Bundles `src/main.ts` of a project folder into `dist/main.js`. What was in `dist` before is gone.
 * @returns the path of the bundle and its size.
 * @throws esbuild's BuildFailure, whose message lists what is wrong.
 */
export async function bundle(projectFolder: string): Promise<{ readonly file: string; readonly sizeBytes: number }> {
  const dist = join(projectFolder, 'dist');
  await rm(dist, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: projectFolder,
    entryPoints: ['src/main.ts'],
    outfile: 'dist/main.js',
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
  return { file: join(dist, 'main.js'), sizeBytes: metafile.outputs['dist/main.js']?.bytes ?? 0 };
}
