// Writes to a terminal, with lines at its end that are drawn again and again; or to a file or pipe, where every line is
// final. What the lines say is decided elsewhere.
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { paintFor, type Paint } from './style.ts';

/** Where something is printed. */
export type Output = Pick<WriteStream, 'write' | 'isTTY' | 'columns'>;

/** A place for lines that stay and lines that change. */
export type Screen = {
  readonly isTerminal: boolean;
  readonly paint: Paint;
  /** Writes lines that stay. */
  readonly print: (...lines: readonly string[]) => void;
  /** Shows lines below those that stay, in the place of the last ones shown so. Nothing outside of a terminal. */
  readonly show: (lines: readonly string[]) => void;
};

const COLUMNS = 80;
const UP_AND_CLEAR = '\u001B[1A\u001B[2K';

/** Cut, because a line that wraps could not be drawn over. Colour codes take no room. */
const fit = (line: string, columns: number): string => {
  const plain = stripVTControlCharacters(line);
  return plain.length < columns ? line : `${plain.slice(0, columns - 2)}…`;
};

/** A screen on an output. */
export const createScreen = (output: Output, environment: Readonly<Record<string, string | undefined>>): Screen => {
  const isTerminal = output.isTTY && environment['TERM'] !== 'dumb';
  let shown: readonly string[] = [];
  const clear = (): string => UP_AND_CLEAR.repeat(shown.length);
  const join = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  return {
    isTerminal,
    paint: paintFor(isTerminal, environment),
    print: (...lines) => {
      output.write(clear() + join(lines) + join(shown));
    },
    show: (lines) => {
      if (!isTerminal) return;
      // Some terminals do not say how wide they are.
      const next = lines.map((line) => fit(line, output.columns > 0 ? output.columns : COLUMNS));
      output.write(clear() + join(next));
      shown = next;
    },
  };
};
