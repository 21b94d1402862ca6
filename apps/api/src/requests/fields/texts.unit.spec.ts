// Names of variables: what is taken here is taken by everything behind it.
import { describe, expect, it } from 'vitest';
import { problemLines } from '../problem.ts';
import { environmentProblems } from './texts.ts';

const linesOf = (name: string): readonly string[] => problemLines(environmentProblems({ [name]: 'hunter2' }));

describe('the name of a variable', () => {
  it.each(['A', 'a', '_', '.with.dot-and-dash', '-x', 'A1', 'constructor'])('may be %j', (name) => {
    expect(linesOf(name)).toEqual([]);
  });

  it.each(['A=B', 'A B', 'A:B', '1A', 'É', '', 'A\n', '..a', '.'])('must not be %j', (name) => {
    expect(linesOf(name)).toEqual([
      expect.stringMatching(
        /^environment_variables, .*: Value error, a name must be letters, digits, '_', '\.' and '-', and not begin with a digit or with '\.\.'$/,
      ),
    ]);
  });

  it.each(['TAPIS_PODS_IMAGEPULLSECRET', 'MY_TAPIS_PODS_IMAGEPULLSECRET_1'])(
    'must not ask for the credentials of a registry: %s',
    (name) => {
      expect(linesOf(name)).toEqual([
        `environment_variables, ${name}: Value error, private images are not offered by this version of the service yet; leave TAPIS_PODS_IMAGEPULLSECRET out and use an image that needs no login`,
      ]);
    },
  );
});
