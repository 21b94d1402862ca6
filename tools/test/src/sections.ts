// What `npm test` consists of: the sections, their commands and their order. Starts nothing.
import { fileURLToPath } from 'node:url';
import type { Check, Level, Options } from './options.ts';

/** A program of node_modules/.bin and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

export interface Section {
  readonly name: string;
  /** What has to succeed before the commands are of any use. */
  readonly preparations?: readonly Command[];
  readonly commands: readonly Command[];
  /** `own`: the commands meet nothing that runs on this machine, a platform of `npm start` above all. */
  readonly network?: 'shared' | 'own';
  /** Environment variables of the commands, beside this process's. */
  readonly variables?: Readonly<Record<string, string>>;
  /** A check counts as one; specs are counted by their reporter. */
  readonly kind: 'check' | 'specs';
}

const commandsOf: Record<Check, readonly Command[]> = {
  lint: [['oxfmt', '--check', '.'], ['oxlint']],
  typecheck: [['tsc', '-p', 'tsconfig.json']],
  knip: [['knip', '--no-progress']],
};

// One run of vitest a group, not one for all: a group's fixtures live as long as its run, and when they cannot be
// started vitest gives up the whole run.
const groups: readonly (readonly Level[])[] = [['unit', 'types'], ['int'], ['e2e']];

/** There is no way out of a network of its own, so what has to be fetched is fetched before. */
const besidePlatform = {
  network: 'own',
  preparations: [
    ['node', fileURLToPath(new URL('../../../infra/local/src/main.ts', import.meta.url)), 'prepare'],
    ['node', fileURLToPath(new URL('../../../libs/testing/src/prepare.ts', import.meta.url))],
  ],
} as const satisfies Partial<Section>;

/** The sections that the options ask for, in order: the quickest to fail first. */
export function sectionsFor(options: Options): readonly Section[] {
  return [
    ...options.checks.map((name): Section => ({ name, kind: 'check', commands: commandsOf[name] })),
    ...groups
      .map((group) => group.filter((level) => options.levels.includes(level)))
      .filter((group) => group.length > 0)
      .map((group): Section => ({
        name: group.join(', '),
        kind: 'specs',
        commands: [vitest(group, options.paths)],
        ...(group.includes('e2e') ? besidePlatform : {}),
        // libs/testing reads it.
        ...(options.containers ? { variables: { PODS_TEST_SERVERS: 'containers' } } : {}),
      })),
  ];
}

/** What `--fix` runs instead. */
export function fixSection(paths: readonly string[]): Section {
  const where = paths.length > 0 ? paths : ['.'];
  return {
    name: 'fix',
    kind: 'check',
    commands: [
      ['oxlint', '--fix', ...where],
      ['oxfmt', ...where],
    ],
  };
}

/** Path of the reporter to give to vitest. */
export const countsReporter = fileURLToPath(new URL('counts-reporter.ts', import.meta.url));

function vitest(group: readonly Level[], paths: readonly string[]): Command {
  const projects = group.flatMap((level) => ['--project', level]);
  return [
    'vitest',
    'run',
    '--allowOnly=false',
    '--reporter=default',
    `--reporter=${countsReporter}`,
    ...projects,
    ...paths,
  ];
}
