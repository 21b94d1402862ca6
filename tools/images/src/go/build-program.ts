// Builds the small Go programs of this tool as static Linux programs, and tells what they are built
// from. Standard library only, so nothing is fetched.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageBuildError } from '../errors.ts';
import type { Architecture } from '../oci/documents.ts';
import { runProgram } from '../run-program.ts';

const BUILD_TIMEOUT_MS = 300_000;

const runGo = async (
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> =>
  await runProgram('go', {
    args,
    cwd: folder,
    timeoutMs: BUILD_TIMEOUT_MS,
    env: { GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off', ...env },
    whenMissing: () =>
      new ImageBuildError('no-go', 'the Go compiler is not on PATH: install Go 1.25 or newer and build again'),
    whenFailed: 'go-failed',
  });

/** What a program is built from, as one short text: its sources (tests left out) and the compiler's version. */
export const programKey = async (folder: string): Promise<string> => {
  const names = (await readdir(folder)).filter(
    (name) => /(\.go|^go\.(mod|sum))$/.test(name) && !name.endsWith('_test.go'),
  );
  const hash = createHash('sha256');
  for (const name of names.toSorted())
    hash
      .update(`${name}\0`)
      .update(await readFile(join(folder, name)))
      .update('\0');
  return `${hash.digest('hex')} ${await runGo(folder, ['env', 'GOVERSION'])}`;
};

/** The program's bytes; the same sources and compiler give the same bytes. */
export const buildProgram = async (folder: string, architecture: Architecture): Promise<Buffer> => {
  const temporary = await mkdtemp(join(tmpdir(), 'pods-image-'));
  try {
    const output = join(temporary, 'program');
    await runGo(folder, ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w -buildid=', '-o', output, '.'], {
      CGO_ENABLED: '0',
      GOOS: 'linux',
      GOARCH: architecture,
    });
    return await readFile(output);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
};
