// Guarantees about logs, with a real daemon that writes while they are rotated.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { haltRest, startDaemon } from './daemon.ts';
import type { DaemonHome } from './launch.ts';
import { lastLogLines, logFileOf, rotateLog, rotateLogs } from './log-file.ts';
import { until } from './until.ts';

const KIB = 1024;

let folder = '';
let home: DaemonHome;
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-log-'));
  home = { runFolder: join(folder, 'run'), logFolder: folder, installationId: folder };
  file = logFileOf(home, 'one');
});
afterEach(async () => {
  await haltRest(home);
  await rm(folder, { recursive: true, force: true });
});

const linesOf = async (path: string): Promise<readonly string[]> => (await readFile(path, 'utf8')).split('\n');

it('leaves a log alone that is not too large', async () => {
  await writeFile(file, 'a\n'.repeat(10));
  expect(await rotateLog(file, 20)).toBe(false);
  expect(await readdir(folder)).toEqual(['one.log']);
});

it('keeps one older log, and of a huge one only the end, from the beginning of a line', async () => {
  await writeFile(`${file}.1`, 'older\n');
  await writeFile(file, Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`).join(''));
  expect(await rotateLog(file, KIB)).toBe(true);
  expect((await stat(file)).size).toBe(0);
  const kept = await linesOf(`${file}.1`);
  expect(kept.at(-2)).toBe('line 9999');
  expect(kept[0]).toMatch(/^line \d{4}$/);
  expect((await stat(`${file}.1`)).size).toBeLessThanOrEqual(KIB);
  expect((await readdir(folder)).toSorted()).toEqual(['one.log', 'one.log.1']);
});

it('tears no line of a daemon that writes at the same time, and the daemon goes on in the emptied file', async () => {
  const script = `
    const { writeSync } = require('node:fs');
    for (let n = 0; ; n += 1) writeSync(1, 'line ' + n + ' ' + 'x'.repeat(n % 300) + ' end\\n');
  `;
  await startDaemon(home, { name: 'one', program: process.execPath, args: ['-e', script] });
  let rotations = 0;
  const rotated = async (): Promise<void> => {
    if (await rotateLog(file, 256 * KIB)) {
      rotations += 1;
      const lines = (await linesOf(`${file}.1`)).slice(0, -1);
      expect(lines.length).toBeGreaterThan(100);
      expect(lines.filter((line) => !/^line \d+ x* end$/.test(line))).toEqual([]);
    }
    if (rotations < 20) throw new Error(`${rotations} rotations so far`);
  };
  await until(rotated, { what: 'twenty rotations', deadlineMs: 20_000, intervalMs: 1 });
  await until(
    async () => {
      const [line] = await linesOf(file);
      if (line === undefined || !/^line \d+ x* end$/.test(line)) throw new Error(`begins with ${line}`);
    },
    { what: 'a whole line at the beginning', deadlineMs: 5_000, intervalMs: 5 },
  );
});

it('empties the log of a daemon that writes without a pause and faster than anybody can copy', async () => {
  await startDaemon(home, { name: 'one', program: '/usr/bin/yes', args: ['a line that comes again and again'] });
  let rotations = 0;
  const rotated = async (): Promise<void> => {
    if (await rotateLog(file, 256 * KIB)) {
      rotations += 1;
      expect((await stat(`${file}.1`)).size).toBeLessThanOrEqual(640 * KIB);
      const lines = (await linesOf(`${file}.1`)).slice(0, -1);
      expect(new Set(lines)).toEqual(new Set(['a line that comes again and again']));
    }
    if (rotations < 5) throw new Error(`${rotations} rotations so far`);
  };
  await until(rotated, { what: 'five rotations', deadlineMs: 20_000, intervalMs: 1 });
});

it('rotates every log of a folder, also those that a daemon opens by itself', async () => {
  for (const name of ['one.log', 'access.log', 'other.txt']) await writeFile(join(folder, name), 'a\n'.repeat(KIB));
  await rotateLogs(home, KIB);
  expect((await readdir(folder)).toSorted()).toEqual([
    'access.log',
    'access.log.1',
    'one.log',
    'one.log.1',
    'other.txt',
  ]);
});

it('reads the last lines of a log that is far too large for memory without reading all of it', async () => {
  await writeFile(file, `${'x'.repeat(2 ** 20)}\n`.repeat(4) + 'one\n\ntwo\n');
  expect(await lastLogLines(home, 'one', 2)).toEqual(['one', 'two']);
  expect(await lastLogLines(home, 'none', 2)).toEqual([]);
});
