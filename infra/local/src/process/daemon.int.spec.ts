// Guarantees about daemons, with real processes.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { haltDaemon, haltRest, startDaemon, type DaemonSpec } from './daemon.ts';
import { findByVariable, isAlive } from './identity.ts';
import type { DaemonHome } from './launch.ts';
import { lastLogLines } from './log-file.ts';
import { readAlive, readRecord, removeRecord, writeRecord, type DaemonRecord } from './records.ts';
import { until } from './until.ts';

let folder = '';
let home: DaemonHome;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-daemon-'));
  home = { runFolder: join(folder, 'run'), logFolder: join(folder, 'log'), installationId: folder };
});
afterEach(async () => {
  await haltRest(home);
  await rm(folder, { recursive: true, force: true });
});

const script = (text: string, more: Partial<DaemonSpec> = {}): DaemonSpec => ({
  name: 'one',
  program: '/bin/sh',
  args: ['-c', text],
  ...more,
});

const SLEEPER = script('exec sleep 1000');

const recorded = async (name = 'one'): Promise<DaemonRecord> => {
  const record = await readRecord(home.runFolder, name);
  if (record === undefined) throw new Error('no record');
  return record;
};

const logged = async (text: string): Promise<void> => {
  const check = async (): Promise<void> => {
    if (!(await lastLogLines(home, 'one', 5)).includes(text)) throw new Error('not logged yet');
  };
  await until(check, { what: text, deadlineMs: 5_000, intervalMs: 10 });
};

it('starts a daemon once, however often it is asked for', async () => {
  expect(await startDaemon(home, SLEEPER)).toBe(true);
  const first = await recorded();
  expect(await startDaemon(home, SLEEPER)).toBe(false);
  expect(await recorded()).toEqual(first);
  expect(await isAlive(first)).toBe(true);
});

it('starts it again when its command or a file that it read has changed, and only then', async () => {
  const file = join(folder, 'settings');
  await writeFile(file, 'a');
  const spec = { ...SLEEPER, files: [file] };
  await startDaemon(home, spec);
  const first = await recorded();
  await writeFile(file, 'b');
  expect(await startDaemon(home, spec)).toBe(true);
  const second = await recorded();
  expect([await isAlive(first), await isAlive(second)]).toEqual([false, true]);
  expect(await startDaemon(home, { ...spec, env: { A: '1' } })).toBe(true);
});

it('ends one that does not listen to polite signals', async () => {
  await startDaemon(home, script('trap "" TERM; echo deaf; while :; do sleep 0.05; done', { graceMs: 200 }));
  await logged('deaf');
  const record = await recorded();
  await haltDaemon(home, 'one');
  expect(await isAlive(record)).toBe(false);
  expect(await readAlive(home.runFolder, 'one')).toBeUndefined();
});

it('sends the signal that the daemon wants to be ended by', async () => {
  await startDaemon(
    home,
    script('trap "echo fast; exit 0" INT; echo up; while :; do sleep 0.05; done', { stopSignal: 'SIGINT' }),
  );
  await logged('up');
  await haltDaemon(home, 'one');
  expect(await lastLogLines(home, 'one', 1)).toEqual(['fast']);
});

it('never touches a process that got the id of a daemon that has ended', async () => {
  await startDaemon(home, SLEEPER);
  const record = await recorded();
  await writeRecord(home.runFolder, { ...record, name: 'two', launchId: 'another', startTicks: '1' });
  await haltDaemon(home, 'two');
  expect(await isAlive(record)).toBe(true);
});

it('finds one whose record was never written, and its children', async () => {
  await startDaemon(home, script('sleep 1000 & echo both; wait'));
  await logged('both');
  const record = await recorded();
  await removeRecord(home.runFolder, 'one');
  await haltRest(home);
  expect(await isAlive(record)).toBe(false);
  expect(await findByVariable(`PODS_INSTALLATION=${home.installationId}`)).toEqual([]);
});

it('gives a daemon nothing of the environment but PATH', async () => {
  await startDaemon(home, script('env; echo end; exec sleep 1000', { env: { MINE: 'yes' } }));
  await logged('end');
  const log = await readFile(join(home.logFolder, 'one.log'), 'utf8');
  const names = log.split('\n').flatMap((line) => (line.includes('=') ? [line.split('=')[0]] : []));
  // The shell itself adds PWD and the like.
  const expected = ['PATH', 'LANG', 'HOME', 'MINE', 'PODS_INSTALLATION', 'PODS_LAUNCH', 'PWD', 'OLDPWD', 'SHLVL', '_'];
  expect(names.filter((name) => !expected.includes(name ?? ''))).toEqual([]);
  expect(log).toContain('MINE=yes');
});
