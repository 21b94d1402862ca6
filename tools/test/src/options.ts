// The command line of `npm test`. Parses and checks; runs nothing.
import { parseArgs } from 'node:util';

/** Static checks, in the order in which they run. */
export const checks = ['lint', 'typecheck', 'knip'] as const;
/** Levels of specs, the quick ones first. */
export const levels = ['unit', 'types', 'int', 'e2e'] as const;
export type Check = (typeof checks)[number];
export type Level = (typeof levels)[number];

export interface Options {
  readonly checks: readonly Check[];
  readonly levels: readonly Level[];
  readonly fix: boolean;
  /** NATS and Postgres of the int level from containers. */
  readonly containers: boolean;
  readonly help: boolean;
  /** Only files whose path contains one of these; empty: all. */
  readonly paths: readonly string[];
}

/** The command line cannot be understood; the message says what may be given. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `npm test [-- flags] [path...]

Runs every check and every level of specs once; the last line counts them.

  --only ${checks.join(',')}     only these checks, no specs
  --level ${levels.join(',')}    only these levels of specs, no checks
  --containers                   NATS and Postgres of the int level from containers (needs Docker)
  --fix                          mend what lint and format can mend, instead of checking
  --help                         this text
  path...                        only spec files (with --fix: files) whose path contains this`;

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const everything = values.only === undefined && values.level === undefined;
  return {
    checks: everything ? checks : choose('--only', checks, values.only),
    levels: everything ? levels : choose('--level', levels, values.level),
    fix: values.fix === true,
    containers: values.containers === true,
    help: values.help === true,
    paths: positionals,
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseKnown> {
  try {
    return parseKnown(args);
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, { cause: error });
  }
}

function parseKnown(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      level: { type: 'string' },
      fix: { type: 'boolean' },
      containers: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
}

function choose<Name extends string>(flag: string, known: readonly Name[], given: string | undefined): readonly Name[] {
  const wanted = given === undefined ? [] : given.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !known.some((candidate) => candidate === name));
  if (unknown.length > 0) throw new UsageError(`${flag} knows ${known.join(', ')}; not: ${unknown.join(', ')}`);
  return known.filter((name) => wanted.includes(name));
}
