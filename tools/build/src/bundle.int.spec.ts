// A bundle holds all it needs: it runs in a folder without node_modules, with packages of both module kinds inside.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from './bundle.ts';

const run = promisify(execFile);
const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

let project = '';
let elsewhere = '';

beforeAll(async () => {
  // Below node_modules, so that packages are found as an app finds them, and git sees nothing of it.
  project = await mkdtemp(join(nodeModules, '.bundle-spec-'));
  elsewhere = await mkdtemp(join(tmpdir(), 'pods-bundle-'));
  await mkdir(join(project, 'src'));
  await writeFile(join(project, 'package.json'), '{}');
});
afterAll(async () => {
  await rm(project, { recursive: true });
  await rm(elsewhere, { recursive: true });
});

/** What the project's package.json says of assets. */
const declare = (assets: unknown) => writeFile(join(project, 'package.json'), JSON.stringify({ bundle: { assets } }));

/** Bundles this main.ts and takes the result to a folder with nothing else in it. */
async function bundled(main: string): Promise<string> {
  await writeFile(join(project, 'src', 'main.ts'), main);
  const { file } = await bundle(project);
  for (const name of await readdir(join(project, 'dist'))) {
    await rename(join(project, 'dist', name), join(elsewhere, name));
  }
  expect(file).toBe(join(project, 'dist', 'main.js'));
  return join(elsewhere, 'main.js');
}

describe('a bundle', () => {
  it('runs without node_modules, with NATS, Kubernetes, Postgres and HTTP inside', async () => {
    const file = await bundled(`
      import { KubeConfig } from '@kubernetes/client-node';
      import { connect } from '@nats-io/transport-node';
      import { Hono } from 'hono';
      import { Pool } from 'pg';
      import { pino } from 'pino';
      const seen: readonly unknown[] = [KubeConfig, connect, Hono, Pool, pino];
      new KubeConfig().loadFromOptions({ clusters: [], users: [], contexts: [] });
      const refused = await connect({ servers: '127.0.0.1:1', reconnect: false }).then(() => 'no', () => 'yes');
      const log: string[] = [];
      pino({}, { write: (line: string) => void log.push(line) }).info('a line');
      const answer = await new Hono().get('/', (c) => c.json({ refused, kinds: seen.map((one) => typeof one), lines: log.length })).request('/');
      console.log(await answer.text());
    `);
    const { stdout } = await run(process.execPath, [file], { cwd: elsewhere });
    const kinds = ['function', 'function', 'function', 'function', 'function'];
    expect(JSON.parse(stdout)).toEqual({ refused: 'yes', kinds, lines: 1 });
  });

  it('names the lines of the sources in its stack traces', async () => {
    const file = await bundled(
      `\ninterface Typed { readonly a: number }\nthrow new Error(String({ a: 1 } satisfies Typed));\n`,
    );
    await expect(run(process.execPath, ['--enable-source-maps', file])).rejects.toThrow('src/main.ts:3:7');
  });

  it('is not made from sources that cannot be resolved', async () => {
    await expect(bundled(`export * from './nowhere.ts';`)).rejects.toThrow('Could not resolve "./nowhere.ts"');
    await expect(readFile(join(project, 'dist', 'main.js'))).rejects.toThrow('ENOENT');
  });

  it.each([
    ['a file that its package does not have', { esbuild: ['nothing.txt'] }, /there is no esbuild\/nothing\.txt/],
    ['a package that is not installed', { 'not-there': ['a.txt'] }, /there is no not-there\/a\.txt/],
    ['a list in another form', { esbuild: 'LICENSE.md' }, /must be \{"<package>": \["<file>"\]\}/],
  ])('is not made with %s among its assets', async (_what, assets, text) => {
    await declare(assets);
    await expect(bundled('export {};')).rejects.toThrow(text);
    await expect(readFile(join(project, 'dist', 'main.js'))).rejects.toThrow('ENOENT');
    await declare({});
  });
});
