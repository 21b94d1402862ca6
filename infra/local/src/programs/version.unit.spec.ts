// Guarantees about versions of programs.
import { describe, expect, it } from 'vitest';
import { describeSuitable, formatVersion, isSuitable, parseVersion, requiredVersion } from './version.ts';

const version = (text: string) => {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`no version: ${text}`);
  return parsed;
};

describe('parseVersion', () => {
  it('reads a release, with and without v', () => {
    expect(parseVersion('v2.15.2')).toEqual({ major: 2, minor: 15, patch: 2 });
    expect(formatVersion(version('1.35.4'))).toBe('1.35.4');
  });

  it.each(['', '2.15', 'dev', '2.15.2-beta', 'v2.15.2+x', '2.15.x'])('reads nothing from "%s"', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe('isSuitable', () => {
  it.each([
    ['2.15.0', '2.15.2', 'same major', true],
    ['2.16.1', '2.15.2', 'same major', true],
    ['2.10.27', '2.15.2', 'same major', false],
    ['3.0.0', '2.15.2', 'same major', false],
    ['1.35.9', '1.35.4', 'same minor', true],
    ['1.36.0', '1.35.4', 'same minor', false],
    ['1.34.4', '1.35.4', 'same minor', false],
  ] as const)('%s for %s (%s): %s', (found, pinned, compatibility, expected) => {
    expect(isSuitable(version(found), version(pinned), compatibility)).toBe(expected);
  });

  it('is described in the words of the rule', () => {
    expect(describeSuitable(version('2.15.2'), 'same major')).toBe('2.15 or a later 2');
    expect(describeSuitable(version('1.35.4'), 'same minor')).toBe('1.35');
  });
});

describe('requiredVersion', () => {
  const goMod =
    'module kube\n\nrequire (\n\tk8s.io/kubectl v0.0.0\n\tk8s.io/kubernetes v1.35.4\n)\nrequire a.b/c v3.2.1 // indirect\n';

  it('reads a line of a block and a line of its own', () => {
    expect(requiredVersion(goMod, 'k8s.io/kubernetes')).toEqual(version('1.35.4'));
    expect(requiredVersion(goMod, 'a.b/c')).toEqual(version('3.2.1'));
  });

  it('takes no module whose name only begins the same', () => {
    expect(() => requiredVersion(goMod, 'k8s.io/kube')).toThrow(/requires no release of k8s.io\/kube/);
  });
});
