// The help teaches every command and flag, with command lines that can be typed.
import { describe, expect, it } from 'vitest';
import { parseCommandLine, program } from './command-line.ts';
import { commands, flagsOf } from './flags.ts';
import { helpText } from './help.ts';

describe('the help', () => {
  it('of all names every command', () => {
    for (const command of commands) expect(helpText(undefined)).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  it.for(commands)('of %s explains every flag, its default and its variable', (command) => {
    for (const [name, { text, fallback, variable }] of Object.entries(flagsOf[command])) {
      const line = helpText(command)
        .split('\n')
        .find((one) => one.startsWith(`  --${name}`));
      for (const part of [text, fallback ?? '', variable ?? '']) expect(line).toContain(part);
    }
  });

  it.for(commands)('of %s shows examples that are understood', (command) => {
    const examples = helpText(command)
      .replaceAll(/ \\\n */g, ' ')
      .split('\n')
      .filter((line) => line.startsWith(`  ${program} ${command} `));
    expect(examples).not.toHaveLength(0);
    for (const example of examples) {
      const [words = ''] = example.trim().slice(program.length).trim().split(' > ');
      expect(parseCommandLine(words.split(' '), {})).toMatchObject({ command: 'work', line: { command } });
    }
  });

  it('fits a terminal of 140 columns', () => {
    for (const command of [undefined, ...commands]) {
      for (const line of helpText(command).split('\n')) expect(line.length).toBeLessThanOrEqual(140);
    }
  });
});
