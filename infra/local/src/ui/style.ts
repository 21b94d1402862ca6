// Colours and times for people. Pure.

/** Puts colour around a text, or nothing. */
export type Paint = {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly busy: (text: string) => string;
};

const wrap =
  (code: number, end: number) =>
  (text: string): string =>
    `\u001B[${code}m${text}\u001B[${end}m`;

const same = (text: string): string => text;

/** Colour only where somebody looks at a terminal, and has not asked for none (no-color.org). */
export const paintFor = (isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint => {
  const wanted = isTerminal && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  if (!wanted) return { bold: same, dim: same, good: same, bad: same, busy: same };
  return { bold: wrap(1, 22), dim: wrap(2, 22), good: wrap(32, 39), bad: wrap(31, 39), busy: wrap(36, 39) };
};

/** `0.3 s`, `42 s`, `5 min 12 s`, `3 h 7 min`. */
export const formatDuration = (ms: number): string => {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
};
