// Guarantees about the keeper, as the real process that it is, over real daemons.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { haltDaemon, haltRest, startDaemon, type DaemonSpec } from '../process/daemon.ts';
import { findByVariable, findLeader, isAlive, type ProcessIdentity } from '../process/identity.ts';
import { markOf, readRunning, type DaemonHome } from '../process/launch.ts';
import { logFileOf } from '../process/log-file.ts';
import { NOBODY, readAlive, readRecord, writeRecord, type DaemonRecord } from '../process/records.ts';
import { until } from '../process/until.ts';
import { noteEnd } from './backoff.ts';
import { keeperSpec } from './part.ts';
import { KEEPER, keepOnce } from './round.ts';

let folder = '';
let home: DaemonHome;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-keeper-'));
  home = { runFolder: join(folder, 'run'), logFolder: join(folder, 'log'), installationId: folder };
});
afterEach(async () => {
  await haltDaemon(home, KEEPER);
  await haltRest(home);
  await rm(folder, { recursive: true, force: true });
});

const script = (text: string): DaemonSpec => ({ name: 'one', program: '/bin/sh', args: ['-c', text] });
const SLEEPER = script('echo "$MINE"; exec sleep 1000');

const recorded = async (name = 'one'): Promise<DaemonRecord> => {
  const record = await readRecord(home.runFolder, name);
  if (record === undefined) throw new Error('no record');
  return record;
};

const untilGone = async (identity: ProcessIdentity): Promise<void> => {
  const gone = async (): Promise<void> => {
    if (await isAlive(identity)) throw new Error('it is still there');
  };
  await until(gone, { what: `the end of process ${identity.pid}`, deadlineMs: 5_000, intervalMs: 5 });
};

const kill = async (name: string): Promise<DaemonRecord> => {
  const record = await recorded(name);
  process.kill(record.pid, 'SIGKILL');
  await untilGone(record);
  return record;
};

const startKeeper = async (): Promise<void> => {
  await startDaemon(home, keeperSpec(home));
};

/** What the daemon's record says as soon as that is so. */
const whenRecorded = async (what: string, is: (record: DaemonRecord) => boolean): Promise<DaemonRecord> => {
  const check = async (): Promise<DaemonRecord> => {
    const record = await recorded();
    if (!is(record)) throw new Error(JSON.stringify(record));
    return record;
  };
  return await until(check, { what, deadlineMs: 20_000, intervalMs: 20 });
};

const back = async (killed: DaemonRecord): Promise<DaemonRecord> => {
  const check = async (): Promise<DaemonRecord> => {
    const record = await readAlive(home.runFolder, killed.name);
    // Two processes may begin in the same tick of 10 ms.
    const isSame = record?.pid === killed.pid && record.startTicks === killed.startTicks;
    if (record === undefined || isSame) throw new Error('not yet');
    return record;
  };
  return await until(check, { what: `the return of ${killed.name}`, deadlineMs: 10_000, intervalMs: 20 });
};

/** The processes of the platform but for the keeper. */
const daemons = async (): Promise<readonly number[]> => {
  const keeper = await readAlive(home.runFolder, KEEPER);
  return (await findByVariable(markOf(home))).map(({ pid }) => pid).filter((pid) => pid !== keeper?.pid);
};

it('launches a daemon that was killed again as it was, and counts that', async () => {
  await startDaemon(home, { ...SLEEPER, env: { MINE: 'mine' }, cwd: folder });
  await startKeeper();
  const killed = await kill('one');
  const now = await back(killed);
  expect(now).toMatchObject({ restarts: 1, quickEnds: 0, lastEnd: { startTicks: killed.startTicks } });
  expect(now).toMatchObject({ program: killed.program, args: killed.args, env: killed.env, cwd: folder });
  await until(
    async () => {
      if ((await readFile(logFileOf(home, 'one'), 'utf8')) !== 'mine\nmine\n') throw new Error('not written yet');
    },
    { what: 'the same output once more', deadlineMs: 5_000, intervalMs: 10 },
  );
  expect(await daemons()).toEqual([now.pid]);
});

it('waits longer and longer for one that ends again and again, and says how often', async () => {
  await startDaemon(home, script('date +%s%3N'));
  await startKeeper();
  await whenRecorded('three ends in a row', ({ quickEnds }) => quickEnds === 3);
  const times = (await readFile(logFileOf(home, 'one'), 'utf8')).trim().split('\n').map(Number);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(gaps).toHaveLength(3);
  expect(gaps[1]).toBeGreaterThanOrEqual(1_000);
  expect(gaps[2]).toBeGreaterThanOrEqual(2_000);
});

it('tries again with a program that is gone, until it is there', async () => {
  const program = join(folder, 'program');
  await writeFile(program, '#!/bin/sh\nexec sleep 1000\n');
  await chmod(program, 0o755);
  await startDaemon(home, { name: 'one', program, args: [] });
  await startKeeper();
  await rename(program, `${program}.aside`);
  const killed = await kill('one');
  const failed = await whenRecorded('a launch that failed', ({ lastEnd }) => lastEnd?.problem !== undefined);
  expect(failed.lastEnd?.problem).toMatch(/one could not be launched: .*ENOENT/);
  await rename(`${program}.aside`, program);
  expect((await back(killed)).restarts).toBeGreaterThan(1);
});

/** A process with this mark of a launch that nobody has written down. */
const unwritten = async (launchId: string, command = 'exec sleep 1000'): Promise<number> => {
  const child = spawn('/bin/sh', ['-c', command], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, PODS_LAUNCH: launchId, PODS_INSTALLATION: home.installationId },
  });
  await once(child, 'spawn');
  return child.pid ?? 0;
};

it.each([
  ['before the end was written down', async () => await Promise.resolve()],
  [
    'after the end was written down',
    async (record: DaemonRecord) => {
      await writeRecord(home.runFolder, noteEnd(record, Date.now()));
    },
  ],
  [
    'after it had written what it was about to do',
    async (record: DaemonRecord) => {
      await writeRecord(home.runFolder, { ...noteEnd(record, Date.now()), launchId: 'next', restarts: 1 });
    },
  ],
  [
    'after the process was started, before that was written down',
    async (record: DaemonRecord) => {
      await writeRecord(home.runFolder, { ...noteEnd(record, Date.now()), launchId: 'next', restarts: 1 });
      await unwritten('next');
    },
  ],
  [
    'after the process was started and had left a child behind when it ended',
    async (record: DaemonRecord) => {
      await writeRecord(home.runFolder, { ...noteEnd(record, Date.now()), launchId: 'next', restarts: 1 });
      const pid = await unwritten('next', 'sleep 1000 & wait');
      const child = async (): Promise<void> => {
        if ((await findByVariable('PODS_LAUNCH=next')).length < 2) throw new Error('no child yet');
      };
      await until(child, { what: 'the child', deadlineMs: 5_000, intervalMs: 10 });
      process.kill(pid, 'SIGKILL');
    },
  ],
  [
    'in the very first launch, before the process was written down',
    async (record: DaemonRecord) => {
      await writeRecord(home.runFolder, { ...record, ...NOBODY, launchId: 'next' });
      await unwritten('next');
    },
  ],
])('a launcher killed %s: the next one has one daemon, not two and not none', async (_, leave) => {
  await startDaemon(home, SLEEPER);
  const killed = await kill('one');
  await leave(killed);
  await startKeeper();
  const now = await back(killed);
  // Another round changes nothing.
  const tell: string[] = [];
  const deps = { home, nowMs: () => Date.now(), tell: (line: string) => tell.push(line) };
  await keepOnce(deps, new AbortController().signal);
  expect(tell).toEqual([]);
  const leaders = await Promise.all((await daemons()).map(async (pid) => await findLeaderOf(pid)));
  expect(leaders.filter((pid) => pid !== undefined)).toEqual([now.pid]);
});

/** The process itself if it leads its session: a daemon, not a child of one. */
const findLeaderOf = async (pid: number): Promise<number | undefined> => {
  const launchId = (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''))
    .split('\0')
    .find((line) => line.startsWith('PODS_LAUNCH='));
  return launchId === undefined ? undefined : (await findLeader(launchId))?.pid;
};

it('killed at any moment together with a daemon, it never leaves two of it', async () => {
  await startDaemon(home, SLEEPER);
  for (let turn = 0; turn < 8; turn += 1) {
    await startKeeper();
    const killed = await kill('one');
    const noticed = async (): Promise<void> => {
      if ((await recorded()).lastEnd?.startTicks !== killed.startTicks) throw new Error('not noticed yet');
    };
    await until(noticed, { what: 'the end being noticed', deadlineMs: 10_000, intervalMs: turn % 4 });
    await kill(KEEPER);
    await startKeeper();
    const now = await whenRecorded('a daemon', ({ pid, startTicks }) => pid > 0 && startTicks !== killed.startTicks);
    expect(await daemons()).toEqual([now.pid]);
    // The waits between quick ends are another guarantee's business.
    await writeRecord(home.runFolder, { ...now, restarts: 0, quickEnds: 0 });
  }
});

it('what is halted after it stays down, even when that had just ended', async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    await startDaemon(home, SLEEPER);
    await startKeeper();
    await kill('one');
    await haltDaemon(home, KEEPER);
    await haltDaemon(home, 'one');
    expect(await findByVariable(markOf(home))).toEqual([]);
    expect(await readRunning(home, 'one')).toBeUndefined();
  }
});

it('ends by itself when the state folder is gone, or when another keeper has taken its place', async () => {
  await startKeeper();
  const first = await recorded(KEEPER);
  await writeRecord(home.runFolder, { ...first, ...NOBODY, launchId: 'another' });
  await untilGone(first);
  await startKeeper();
  const second = await recorded(KEEPER);
  await rm(home.runFolder, { recursive: true });
  await untilGone(second);
  expect(await findByVariable(markOf(home))).toEqual([]);
});

it('moves a log aside that has become too large', async () => {
  await startDaemon(home, SLEEPER);
  const file = logFileOf(home, 'one');
  await truncate(file, 17 * 2 ** 20);
  await startKeeper();
  const moved = async (): Promise<void> => {
    expect((await stat(`${file}.1`)).size).toBeGreaterThan(0);
    expect((await stat(file)).size).toBe(0);
  };
  await until(moved, { what: 'a smaller log', deadlineMs: 10_000, intervalMs: 20 });
});
