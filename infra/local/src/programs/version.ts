// Reads and compares versions of programs. Pure.
import type { Compatibility } from './catalogue.ts';

/** The three numbers of a version such as `2.15.2`. */
export type Version = { readonly major: number; readonly minor: number; readonly patch: number };

/** Parses `1.2.3`, with or without a `v` before it; undefined for anything else. */
export const parseVersion = (text: string): Version | undefined => {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch] = match.map(Number);
  return major === undefined || minor === undefined || patch === undefined ? undefined : { major, minor, patch };
};

/** `1.2.3`. */
export const formatVersion = ({ major, minor, patch }: Version): string => `${major}.${minor}.${patch}`;

/**
 * Whether a ready-made program may be used for the pinned one. Within the same major version nothing older than the
 * pinned minor version will do, because settings that it lacks would be ignored or refused.
 */
export const isSuitable = (found: Version, pinned: Version, compatibility: Compatibility): boolean => {
  if (found.major !== pinned.major) return false;
  return compatibility === 'same minor' ? found.minor === pinned.minor : found.minor >= pinned.minor;
};

/** Says in words which versions `isSuitable` accepts. */
export const describeSuitable = (pinned: Version, compatibility: Compatibility): string =>
  compatibility === 'same minor'
    ? `${pinned.major}.${pinned.minor}`
    : `${pinned.major}.${pinned.minor} or a later ${pinned.major}`;

/**
 * The version that the text of a go.mod requires of a module.
 * @throws Error when it requires none, which is a mistake in this folder.
 */
export const requiredVersion = (goMod: string, module: string): Version => {
  const line = goMod
    .split('\n')
    .map((text) => text.trim().replace(/^require\s+/, ''))
    .find((text) => text.startsWith(`${module} v`));
  const version = parseVersion(line?.split(/\s+/)[1] ?? '');
  if (version === undefined) throw new Error(`go.mod requires no release of ${module}`);
  return version;
};
