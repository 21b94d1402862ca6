// What a program is built from, and the key by which a build is found again.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import type { ProgramSpec } from './catalogue.ts';
import { ProgramError } from './errors.ts';
import { formatVersion, parseVersion, requiredVersion, type Version } from './version.ts';

const GO_FOLDER = join(import.meta.dirname, '..', '..', 'go');

/** The folder with a program's Go module. */
export const sourceFolderOf = (spec: ProgramSpec): string => join(GO_FOLDER, spec.folder);

/** The version that a build gives: that of the pinned module, or of our own source. */
export const pinnedVersionOf = async (spec: ProgramSpec): Promise<Version> => {
  if (spec.pinnedModule !== undefined) {
    return requiredVersion(await readFile(join(sourceFolderOf(spec), 'go.mod'), 'utf8'), spec.pinnedModule);
  }
  const source = await readFile(join(sourceFolderOf(spec), 'main.go'), 'utf8');
  const version = parseVersion(/^const version = "(.+)"$/m.exec(source)?.[1] ?? '');
  if (version === undefined) throw new Error(`${spec.folder}/main.go names no version`);
  return version;
};

/** The environment of every build. `readonly` makes Go refuse whatever go.sum has no checksum for. */
export const buildEnvironment = { CGO_ENABLED: '0', GOFLAGS: '-trimpath -buildvcs=false -mod=readonly' } as const;

/** Arguments of `go` that build the program into a file. No symbol tables: a third smaller. */
export const buildArguments = (spec: ProgramSpec, version: Version, outputFile: string): readonly string[] => {
  const variables = Object.entries(spec.linkerVariables(formatVersion(version)));
  const linkerFlags = ['-s', '-w', ...variables.map(([name, value]) => `-X ${name}=${value}`)].join(' ');
  return ['build', '-ldflags', linkerFlags, '-o', outputFile, spec.goPackage];
};

/** The Go that would build in a folder: it may be another than the one on PATH when go.mod asks for a newer one. */
export type GoToolchain = { readonly version: string; readonly os: string; readonly architecture: string };

/**
 * Asks Go which toolchain it would take for a module.
 * @throws ProgramError `no-go`
 */
const toolchainOf = async (folder: string): Promise<GoToolchain> => {
  const result = await execa('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], {
    cwd: folder,
    env: buildEnvironment,
    reject: false,
  });
  if (result.failed) {
    const why = result.code === 'ENOENT' ? 'there is no "go" on PATH' : result.stderr;
    throw new ProgramError(
      'no-go',
      `Go 1.25 or newer is needed to build programs: ${why}.\n` +
        "Install it from https://go.dev/dl and put its bin folder on PATH (Debian's golang-go may be too old), or name a " +
        'folder of ready-made programs: --programs FOLDER.',
    );
  }
  const [version = '', os = '', architecture = ''] = result.stdout.split('\n');
  return { version, os, architecture };
};

const filesBelow = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
};

/** A short hash of everything that the program's bytes follow from: source, module files, flags, Go. */
export const programKey = async (spec: ProgramSpec): Promise<string> => {
  const folder = sourceFolderOf(spec);
  const [files, toolchain, version] = await Promise.all([
    filesBelow(folder),
    toolchainOf(folder),
    pinnedVersionOf(spec),
  ]);
  const hash = createHash('sha256');
  hash.update(JSON.stringify([toolchain, buildEnvironment, buildArguments(spec, version, ''), files]));
  for (const file of files)
    hash.update(
      createHash('sha256')
        .update(await readFile(join(folder, file)))
        .digest(),
    );
  return hash.digest('hex').slice(0, 16);
};
