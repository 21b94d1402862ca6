// The counting reporter in a real run of vitest on a few spec files.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, runCommand } from './run-command.ts';
import { countsReporter } from './sections.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-counts-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function vitestOn(files: Readonly<Record<string, string>>): Promise<Ended> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const command = ['vitest', 'run', '--globals', `--reporter=${countsReporter}`] as const;
  return runCommand(command, { onSignal: () => () => undefined }, { folder, output: 'ignore' });
}

describe('the counting reporter', () => {
  it('counts passed, failed and skipped specs', async () => {
    const ended = await vitestOn({
      'a.spec.js': `it('a', () => {}); it.skip('b', () => {}); it.todo('c');`,
      'b.spec.js': `describe('d', () => { it('e', () => { throw new Error('e'); }); it('f', () => {}); });`,
    });
    expect(ended).toEqual({ exitCode: 1, counts: { passed: 2, failed: 1, skipped: 2 } });
  });

  it('counts nothing but passed specs as passed in a good run', async () => {
    const ended = await vitestOn({ 'a.spec.js': `it('a', () => {}); it('b', () => {});` });
    expect(ended).toEqual({ exitCode: 0, counts: { passed: 2, failed: 0, skipped: 0 } });
  });

  it('counts a file that cannot be loaded as a failure', async () => {
    const ended = await vitestOn({ 'a.spec.js': `it('a', () => {});`, 'b.spec.js': `import './nowhere.js'; it('b');` });
    expect(ended).toEqual({ exitCode: 1, counts: { passed: 1, failed: 1, skipped: 0 } });
  });

  it('counts a failed hook as a failure, not only its specs as skipped', async () => {
    const ended = await vitestOn({
      'a.spec.js': `describe('d', () => { beforeAll(() => { throw new Error('no'); }); it('a', () => {}); });`,
    });
    expect(ended).toEqual({ exitCode: 1, counts: { passed: 0, failed: 1, skipped: 1 } });
  });

  it('counts an error outside of any spec as a failure', async () => {
    const ended = await vitestOn({
      'a.spec.js': `it('a', async () => { void Promise.reject(new Error('lost')); await new Promise(setImmediate); });`,
    });
    expect(ended).toEqual({ exitCode: 1, counts: { passed: 1, failed: 1, skipped: 0 } });
  });

  it('sends nothing when the specs cannot be run at all', async () => {
    const ended = await vitestOn({ 'vitest.config.js': `throw new Error('broken configuration');` });
    expect(ended).toEqual({ exitCode: 1, counts: undefined });
  });
});
