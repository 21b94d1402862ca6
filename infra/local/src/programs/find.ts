// Looks for ready-made programs, in a given folder and on PATH. Does not build.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ProgramSpec } from './catalogue.ts';
import { ProgramError } from './errors.ts';
import type { ProgramPlaces } from './places.ts';
import { describeSuitable, formatVersion, isSuitable, parseVersion, type Version } from './version.ts';

/** A program asked for its version that does not answer in this time is not the one that was looked for. */
const VERSION_TIMEOUT_MS = 10_000;
/** Ours print one line and end. Others of these names, as Kubernetes' own pause, wait for ever. */
const OWN_VERSION_TIMEOUT_MS = 1_000;

/** What was found; `ignored` names programs that were there but would not do, and why. */
export type Found = { readonly path: string | undefined; readonly ignored: readonly string[] };

const isExecutable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The version that a program file says it has; undefined when it does not say. */
export const versionOf = async (spec: ProgramSpec, file: string): Promise<Version | undefined> => {
  const { stdout, stderr } = await execa(file, [...spec.versionArguments], {
    reject: false,
    timeout: spec.pinnedModule === undefined ? OWN_VERSION_TIMEOUT_MS : VERSION_TIMEOUT_MS,
    stdin: 'ignore',
  });
  return parseVersion(spec.versionPattern.exec(`${stdout}\n${stderr}`)?.[1] ?? '');
};

const judge = async (spec: ProgramSpec, file: string, pinned: Version): Promise<string | undefined> => {
  const version = await versionOf(spec, file);
  if (version !== undefined && isSuitable(version, pinned, spec.compatibility)) return undefined;
  const is = version === undefined ? 'does not say its version' : `is ${formatVersion(version)}`;
  return `${file} ${is}, needed is ${describeSuitable(pinned, spec.compatibility)}`;
};

/**
 * Looks for a suitable ready-made program: in the given folder first, then on PATH.
 * @throws ProgramError `no-such-folder` when the given folder is not there, because then it was misspelled.
 */
export const findReadyMade = async (spec: ProgramSpec, places: ProgramPlaces, pinned: Version): Promise<Found> => {
  const folder = places.programsFolder;
  if (folder !== undefined && !(await isExecutable(folder))) {
    throw new ProgramError(
      'no-such-folder',
      `The folder for programs, ${folder}, is not there: correct --programs or PODS_PROGRAMS. What an earlier start was given stands in settings.json in the state folder.`,
    );
  }
  const inFolder = folder === undefined ? [] : [spec.name, ...spec.namesOnPath].map((name) => join(folder, name));
  const onPath = spec.namesOnPath.flatMap((name) => places.pathFolders.map((one) => join(one, name)));
  const ignored: string[] = [];
  for (const file of new Set([...inFolder, ...onPath])) {
    if (!(await isExecutable(file))) continue;
    const reason = await judge(spec, file, pinned);
    if (reason === undefined) return { path: file, ignored };
    ignored.push(reason);
  }
  return { path: undefined, ignored };
};
