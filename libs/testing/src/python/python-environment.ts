// For specs: a Python with the real tapipy, made once in the cache folder and kept between runs and checkouts.
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { cacheFolderOf } from '@pods/local';

const run = promisify(execFile);
const requirementsFile = join(import.meta.dirname, 'tapipy-requirements.txt');
const installMs = 280_000;

/** How long making the environment may take at most; afterwards it is there. */
export const pythonSetupMs = 300_000;

/** The path of a Python interpreter that can import tapipy. @throws Error that says what is missing on the machine. */
export async function pythonWithTapipy(): Promise<string> {
  const requirements = await readFile(requirementsFile, 'utf8');
  await ensurePython();
  const { stdout: version } = await run('python3', ['--version']);
  const key = createHash('sha256').update(`${version}\n${requirements}`).digest('hex').slice(0, 16);
  const folder = join(cacheFolderOf(env), 'python', `tapipy-${key}`);
  const python = join(folder, 'bin', 'python');
  if (!(await isThere(python))) await make(folder);
  return python;
}

/** Debian's own Python is installed where there is none, or one that cannot make environments. */
async function ensurePython(): Promise<void> {
  const canMakeEnvironments = (): Promise<unknown> => run('python3', ['-c', 'import ensurepip, venv']);
  const missing = await canMakeEnvironments().then(
    () => false,
    () => true,
  );
  if (!missing) return;
  if (process.getuid?.() !== 0) {
    throw new Error('these specs need Python 3.11 with its venv module: as root, apt-get install python3 python3-venv');
  }
  console.log('specs: installing python3 and python3-venv with apt-get');
  const install = ['install', '--yes', '--quiet', '--no-install-recommends', 'python3', 'python3-venv'];
  const noQuestions = { timeout: installMs, env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update', '--quiet'], noQuestions);
  await run('apt-get', install, noQuestions);
  await canMakeEnvironments();
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** It appears whole or not at all, whoever else makes it at the same time. */
async function make(folder: string): Promise<void> {
  const temporary = `${folder}.${randomUUID()}`;
  await mkdir(join(folder, '..'), { recursive: true });
  try {
    await run('python3', ['-m', 'venv', temporary], { timeout: installMs });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirementsFile];
    await run(join(temporary, 'bin', 'python'), pip, { timeout: installMs });
    await rename(temporary, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
