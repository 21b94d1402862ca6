// `node tools/build/src/main.ts <project folder>`: what `nx build` runs for an app.
import { resolve } from 'node:path';
import { bundle } from './bundle.ts';

async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined) {
    console.error('usage: node tools/build/src/main.ts <project folder>');
    return 2;
  }
  try {
    const { file, sizeBytes, assets } = await bundle(resolve(folder));
    const beside = assets.length === 0 ? '' : `, and ${assets.length} files in assets`;
    console.log(`${file}: ${(sizeBytes / 1024 / 1024).toFixed(1)} MB${beside}`);
    return 0;
  } catch (error) {
    // esbuild's message names the file and line of each problem.
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

process.exitCode = await main(process.argv[2]);
