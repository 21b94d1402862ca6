// Compiles one program into a folder. Does not decide whether that is needed, nor keep builds apart.
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, ExecaError } from 'execa';
import type { ProgramSpec } from './catalogue.ts';
import { ProgramError } from './errors.ts';
import { buildArguments, buildEnvironment, pinnedVersionOf, sourceFolderOf } from './key.ts';

const LEGO = 'github.com/go-acme/lego/v5';

const go = async (cwd: string, args: readonly string[], signal: AbortSignal): Promise<string> => {
  const { stdout } = await execa('go', [...args], {
    cwd,
    env: buildEnvironment,
    cancelSignal: signal,
    stdin: 'ignore',
  });
  return stdout;
};

/** A writable copy: a read-only module cache gives read-only files. */
const copyWritable = async (from: string, to: string, signal: AbortSignal): Promise<void> => {
  await cp(from, to, { recursive: true });
  await execa('chmod', ['-R', 'u+w', to], { cancelSignal: signal });
};

/**
 * Traefik is built with a changed lego: Go verifies the release against lego-source/go.sum, then its DNS-01 providers
 * are replaced by our package of the same name. go.mod says why.
 */
const arrangeLego = async (folder: string, signal: AbortSignal): Promise<void> => {
  await go(join(folder, 'lego-source'), ['mod', 'download', LEGO], signal);
  const source = await go(join(folder, 'lego-source'), ['list', '-m', '-f', '{{.Dir}}', LEGO], signal);
  await copyWritable(source, join(folder, 'lego'), signal);
  const providers = join(folder, 'lego', 'providers', 'dns');
  await rm(providers, { recursive: true });
  await cp(join(folder, 'dns'), providers, { recursive: true });
};

const lastLines = (text: string, count: number): string =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('go: downloading'))
    .slice(-count)
    .join('\n');

const explain = (spec: ProgramSpec, error: Error): ProgramError =>
  new ProgramError(
    'build-failed',
    `Building ${spec.name} failed. Go says:\n${lastLines('stderr' in error ? String(error.stderr) : error.message, 12)}\n` +
      'Go fetches modules through its module proxy: if that cannot be reached, set GOPROXY, or put ready-made programs ' +
      'in a folder and name it with --programs or PODS_PROGRAMS.',
    error,
  );

/**
 * Compiles a program from a copy of its source, made in the work folder.
 * @returns the path of the program, in the work folder.
 * @throws ProgramError `build-failed`
 */
export const buildProgram = async (spec: ProgramSpec, workFolder: string, signal: AbortSignal): Promise<string> => {
  const source = join(workFolder, 'source');
  const output = join(workFolder, spec.name);
  await mkdir(workFolder, { recursive: true });
  await cp(sourceFolderOf(spec), source, { recursive: true });
  try {
    if (spec.name === 'traefik') await arrangeLego(source, signal);
    await go(source, buildArguments(spec, await pinnedVersionOf(spec), output), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Error && error instanceof ExecaError ? explain(spec, error) : error;
  }
  await rm(source, { recursive: true, force: true });
  return output;
};
