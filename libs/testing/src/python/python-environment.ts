// For specs: a Python with the real tapipy, made once in the cache folder and kept between runs and checkouts.
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const requirementsFile = join(import.meta.dirname, 'tapipy-requirements.txt');
const installMs = 280_000;

/** How long making the environment may take at most; afterwards it is there. */
export const pythonSetupMs = 300_000;

function cacheFolder(): string {
  const given = [env['PODS_CACHE'], env['XDG_CACHE_HOME'] && join(env['XDG_CACHE_HOME'], 'pods-service')];
  return resolve(given.find(Boolean) ?? join(homedir(), '.cache', 'pods-service'));
}

/** The path of a Python interpreter that can import tapipy. @throws Error that says what is missing on the machine. */
export async function pythonWithTapipy(): Promise<string> {
  const requirements = await readFile(requirementsFile, 'utf8');
  const { stdout: version } = await run('python3', ['--version']).catch((error: unknown) => {
    throw new Error('python3 is not on PATH: install Python 3.11 with its venv module', { cause: error });
  });
  const key = createHash('sha256').update(`${version}\n${requirements}`).digest('hex').slice(0, 16);
  const folder = join(cacheFolder(), 'python', `tapipy-${key}`);
  const python = join(folder, 'bin', 'python');
  if (!(await isThere(python))) await make(folder);
  return python;
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
