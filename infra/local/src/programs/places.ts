// Where programs are looked for and kept.
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** Folders that matter for programs; all absolute. */
export type ProgramPlaces = {
  /** What may be kept between checkouts and deleted at any time. */
  readonly cacheFolder: string;
  /** A folder with ready-made programs that goes before everything else. */
  readonly programsFolder: string | undefined;
  /** The folders of PATH. */
  readonly pathFolders: readonly string[];
};

/** The environment as a process gets it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const given = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value;

/** `$PODS_CACHE`, or `pods-service` in the user's folder for caches as the XDG base directory specification has it. */
export const cacheFolderOf = (environment: Environment): string =>
  resolve(
    given(environment['PODS_CACHE']) ??
      join(given(environment['XDG_CACHE_HOME']) ?? join(homedir(), '.cache'), 'pods-service'),
  );

/** The places that an environment names. */
export const placesOf = (environment: Environment): ProgramPlaces => {
  const programsFolder = given(environment['PODS_PROGRAMS']);
  return {
    cacheFolder: cacheFolderOf(environment),
    programsFolder: programsFolder === undefined ? undefined : resolve(programsFolder),
    pathFolders: (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/')),
  };
};
