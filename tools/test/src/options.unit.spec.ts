import { describe, expect, it } from 'vitest';
import { UsageError, checks, levels, parseOptions } from './options.ts';
import { sectionsFor } from './sections.ts';

function namesFor(...args: string[]): readonly string[] {
  return sectionsFor(parseOptions(args)).map(({ name }) => name);
}

describe('npm test without flags', () => {
  it('runs every check and every level exactly once', () => {
    const ran = namesFor().flatMap((name) => name.split(', '));
    expect(ran.toSorted()).toEqual([...checks, ...levels].toSorted());
  });
});

describe('the e2e level', () => {
  it('alone runs in a network of its own, after everything that needs a way out', () => {
    const own = sectionsFor(parseOptions([])).filter(({ network }) => network === 'own');
    expect(own.map(({ name }) => name)).toEqual(['e2e']);
    expect(own.flatMap(({ preparations }) => preparations ?? []).map(([program]) => program)).toEqual(['node', 'node']);
  });
});

describe('the flags', () => {
  it('--level runs only these levels, in their own order', () => {
    expect(namesFor('--level', 'e2e,unit')).toEqual(['unit', 'e2e']);
  });

  it('--only runs only these checks', () => {
    expect(namesFor('--only', 'knip, lint')).toEqual(['lint', 'knip']);
  });

  it('--only and --level add up', () => {
    expect(namesFor('--only=lint', '--level=types')).toEqual(['lint', 'types']);
  });

  it('--containers asks for containers by the variable that libs/testing reads', () => {
    const [section] = sectionsFor(parseOptions(['--level', 'int', '--containers']));
    expect(section?.variables).toEqual({ PODS_TEST_SERVERS: 'containers' });
  });

  it('paths reach vitest', () => {
    const [section] = sectionsFor(parseOptions(['--level', 'unit', 'libs/contracts']));
    expect(section?.commands[0]?.at(-1)).toBe('libs/contracts');
  });

  it.each([['--level', 'unit,integration'], ['--only', ''], ['--bogus']])('%s %s is refused', (...args) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
  });
});
