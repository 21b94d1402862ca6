// `node tools/build/src/main.ts <project folder>`: what `nx build` runs for an app.
import { resolve } from 'node:path';
import { bundle } from './bundle.ts';

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: node tools/build/src/main.ts <project folder>');
  process.exitCode = 2;
} else {
  const { file, sizeBytes } = await bundle(resolve(folder));
  console.log(`${file}: ${(sizeBytes / 1024 / 1024).toFixed(1)} MB`);
}
