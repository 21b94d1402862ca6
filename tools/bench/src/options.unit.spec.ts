import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';
import { UsageError, parseOptions, usage } from './options.ts';

const known: readonly Bench[] = ['a', 'b', 'c'].map((letter) => ({
  letter,
  title: `bench ${letter}`,
  needs: 'servers',
  run: () => Promise.resolve([]),
}));

function lettersFor(...args: readonly string[]): readonly string[] {
  return parseOptions(args, known).benches.map(({ letter }) => letter);
}

describe('the command line of the bench', () => {
  it('runs everything without flags', () => {
    expect(lettersFor()).toEqual(['a', 'b', 'c']);
  });

  it('runs what --only names, in the order of the table', () => {
    expect(lettersFor('--only', 'c, a')).toEqual(['a', 'c']);
  });

  it('takes a file for the JSON and a running platform', () => {
    expect(parseOptions(['--json', 'x.json', '--state', '.pods'], known)).toMatchObject({
      jsonFile: 'x.json',
      stateFolder: '.pods',
    });
  });

  it.each([['--only', 'a,z'], ['--only', ''], ['--bogus'], ['a']])('refuses %s %s', (...args) => {
    expect(() => parseOptions(args, known)).toThrow(UsageError);
  });

  it('names every bench in its help', () => {
    for (const { title } of known) expect(usage(known)).toContain(title);
  });
});
