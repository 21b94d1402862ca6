// The command line of `npm run bench`. Parses and checks; runs nothing.
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

export interface Options {
  readonly help: boolean;
  /** Only these benches, in their own order. */
  readonly benches: readonly Bench[];
  /** Where the JSON document goes; undefined: to the usual place. */
  readonly jsonFile: string | undefined;
  /** The state folder of a platform that runs already; undefined: one is started from nothing. */
  readonly stateFolder: string | undefined;
}

/** The command line cannot be understood; the message says what may be given. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The text of `--help`. */
export function usage(known: readonly Bench[]): string {
  return `npm run bench [-- flags]

Measures how fast the service is, each measure beside what it is compared with, on an otherwise idle machine.
Prints a table and writes a JSON file. Starts what it needs from nothing; uses the ports of npm start.

  --only LETTERS   only these benches: --only ${known.map(({ letter }) => letter).join(',')}
  --json FILE      where the JSON file goes (tools/bench/dist/bench.json unless told)
  --state FOLDER   use the platform that runs with this state folder, instead of starting one
  --help           this text

${known.map(({ letter, title, needs }) => `  (${letter}) ${title}${needs === 'platform' ? ' [whole platform]' : ''}`).join('\n')}`;
}

/** @throws UsageError */
export function parseOptions(args: readonly string[], known: readonly Bench[]): Options {
  const values = parse(args, known);
  return {
    help: values.help === true,
    benches: values.only === undefined ? known : choose(known, values.only),
    jsonFile: values.json,
    stateFolder: values.state,
  };
}

function parse(args: readonly string[], known: readonly Bench[]): ReturnType<typeof parseKnown> {
  try {
    return parseKnown(args);
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage(known)}`, {
      cause: error,
    });
  }
}

function parseKnown(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      state: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  return values;
}

function choose(known: readonly Bench[], given: string): readonly Bench[] {
  const wanted = given.split(',').map((letter) => letter.trim());
  const unknown = wanted.filter((letter) => !known.some((bench) => bench.letter === letter));
  const letters = known.map(({ letter }) => letter).join(', ');
  if (unknown.length > 0) throw new UsageError(`--only knows ${letters}; not: ${unknown.join(', ')}`);
  return known.filter(({ letter }) => wanted.includes(letter));
}
