// tools/bootstrap.mjs in a small workspace of its own, whose pinned Node is a shell script. npm is the real one, offline.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const installs = /installing the locked packages with npm ci/;

const pinnedNode = `#!/bin/sh
case "$1" in
  which) command -v node ;;
  wait) trap 'echo got the signal; exit 5' TERM INT; echo ready; while :; do sleep 0.05; done ;;
  *) echo "pinned: $*"; exit 7 ;;
esac
`;

let folder = '';
let bootstrap = '';

async function writeManifest(path: string, manifest: object): Promise<void> {
  await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, path, 'package.json'), JSON.stringify(manifest));
}

/** Writes the lockfile as a pull would bring it: without touching node_modules, whose list of packages npm would write too. */
async function lock(): Promise<void> {
  const list = join(folder, 'node_modules', '.package-lock.json');
  const before = await readFile(list).catch(() => undefined);
  await promisify(execFile)('npm', ['install', '--package-lock-only', '--offline', '--loglevel=error'], {
    cwd: folder,
  });
  if (before !== undefined) await writeFile(list, before);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-bootstrap-'));
  bootstrap = join(folder, 'tools', 'bootstrap.mjs');
  await mkdir(join(folder, 'tools'));
  await copyFile(fileURLToPath(new URL('../../bootstrap.mjs', import.meta.url)), bootstrap);
  await writeManifest('pinned', { name: 'pinned', version: '1.0.0', bin: { node: 'node.sh' } });
  await writeManifest('.', { name: 'clone', version: '1.0.0', dependencies: { pinned: 'file:./pinned' } });
  await writeFile(join(folder, 'pinned', 'node.sh'), pinnedNode);
  await chmod(join(folder, 'pinned', 'node.sh'), 0o755);
  await lock();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly exitCode: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], cwd = folder): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bootstrap, ...args], { cwd }, (error, stdout, stderr) => {
      resolve({ exitCode: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe('bootstrap in a fresh clone', () => {
  it('installs, says so in one line, and runs the command on the pinned Node with its exit code', async () => {
    const { exitCode, stdout, stderr } = await run(['node', 'main.ts', 'a b']);
    expect(stderr).toMatch(/^bootstrap: nothing installed yet; installing .*\n$/);
    expect(stdout).toMatch(/^pinned: main\.ts a b$/m);
    expect(exitCode).toBe(7);
  });

  it('installs nothing the second time, from whichever folder', async () => {
    expect(await run(['node', 'x'], join(folder, 'tools'))).toEqual({ exitCode: 7, stdout: 'pinned: x\n', stderr: '' });
  });

  it('puts the pinned Node first on the path of what it runs', async () => {
    const { stdout } = await run(['node', 'which']);
    expect(stdout.trim()).toMatch(/\/node_modules\/\.bin\/node$/);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('passes %s on and ends as its command ends', async (signal) => {
    const child = spawn(process.execPath, [bootstrap, 'node', 'wait'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (text.includes('ready')) child.kill(signal);
    });
    const ended: unknown[] = await once(child, 'close');
    expect(output).toBe('ready\ngot the signal\n');
    expect(ended).toEqual([5, null]);
  });
});

describe('bootstrap later', () => {
  it('installs again when the lockfile asks for something else', async () => {
    await writeManifest('added', { name: 'added', version: '1.0.0' });
    const dependencies = { pinned: 'file:./pinned', added: 'file:./added' };
    await writeManifest('.', { name: 'clone', version: '1.0.0', dependencies });
    await lock();
    expect((await run(['node', 'x'])).stderr).toMatch(
      /node_modules\/added is not as package-lock.json has it; installing/,
    );
    expect((await run(['node', 'x'])).stderr).toBe('');
  });

  it('installs again when the lockfile no longer asks for something', async () => {
    await writeManifest('.', { name: 'clone', version: '1.0.0', dependencies: { pinned: 'file:./pinned' } });
    await lock();
    expect((await run(['node', 'x'])).stderr).toMatch(installs);
    expect((await run(['node', 'x'])).stderr).toBe('');
  });

  it('does not install when only a script was edited', async () => {
    const manifest = await readFile(join(folder, 'package.json'), 'utf8');
    await writeFile(join(folder, 'package.json'), manifest.replace('{', '{"scripts":{"a":"b"},'));
    expect((await run(['node', 'x'])).stderr).toBe('');
  });

  it('installs again when a package is gone from its folder', async () => {
    await rm(join(folder, 'node_modules', 'pinned'), { recursive: true });
    expect((await run(['node', 'x'])).stderr).toMatch(installs);
  });

  it('installs again after an installation that was killed', async () => {
    await rm(join(folder, 'node_modules', '.package-lock.json'));
    expect((await run(['node', 'x'])).stderr).toMatch(installs);
  });

  it('says what to do when the lockfile has no Node for this machine', async () => {
    await writeManifest('.', { name: 'clone', version: '1.0.0' });
    await lock();
    const { exitCode, stderr } = await run(['node', 'x']);
    expect(stderr).toMatch(/brought no Node for \S+: add its package to optionalDependencies/);
    expect(exitCode).toBe(1);
  });
});
