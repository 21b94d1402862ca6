// Guarantees about the command line.
import { describe, expect, it } from 'vitest';
import { flagOf, settingNames, variableOf } from '../settings/schema.ts';
import { commands, helpText, parseCommandLine, UsageError } from './command-line.ts';

describe('parseCommandLine', () => {
  it('starts with everything, and stays, unless told otherwise', () => {
    expect(parseCommandLine(['start'])).toEqual({
      command: 'start',
      help: false,
      detach: false,
      demo: true,
      json: false,
      given: {},
    });
    expect(parseCommandLine(['start', '--detach', '--no-demo'])).toMatchObject({ detach: true, demo: false });
  });

  it('takes every setting as a flag', () => {
    for (const name of settingNames)
      expect(parseCommandLine(['start', `--${flagOf(name)}`, 'x']).given).toEqual({ [name]: 'x' });
  });

  it.each([[[]], [['begin']], [['start', 'stop']], [['start', '--prot-nats', '1']], [['start', '--state']]])(
    'refuses %j',
    (args) => {
      expect(() => parseCommandLine(args)).toThrow(UsageError);
    },
  );
});

it('says of a misspelled flag only that there is none, and where those that there are stand', () => {
  expect(() => parseCommandLine(['start', '--foo'])).toThrow(
    /^Unknown option '--foo'\.\nnpm start -- --help tells what there is\.$/,
  );
});

describe('helpText', () => {
  it.each(commands)('of %s explains it, and every setting with its flag, variable and default', (command) => {
    const text = helpText(command);
    for (const name of settingNames) {
      expect(text).toContain(`--${flagOf(name)} `);
      expect(text).toContain(variableOf(name));
    }
    expect(text).toContain('(8443)');
  });
});
