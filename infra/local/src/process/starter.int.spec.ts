// Guarantees about who may start a platform, with real processes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identify } from './identity.ts';
import { becomeStarter, endStarter, findStarter, resignAsStarter } from './starter.ts';

let state = '';
let other: ChildProcess | undefined;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'pods-starter-'));
});
afterEach(async () => {
  other?.kill('SIGKILL');
  await rm(state, { recursive: true, force: true });
});

/** Another process that holds the role. */
const another = async (): Promise<number> => {
  other = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(other, 'spawn');
  const identity = await identify(other.pid ?? 0);
  await writeFile(join(state, 'starter.json'), JSON.stringify(identity));
  return identity?.pid ?? 0;
};

it('is one process at a time, which can give the role up', async () => {
  expect(await becomeStarter({ state })).toBeUndefined();
  expect((await becomeStarter({ state }))?.pid).toBe(process.pid);
  await resignAsStarter({ state });
  expect(await findStarter({ state })).toBeUndefined();
  expect(await readdir(state)).toEqual([]);
});

it('is refused while another process has the role, and free when that one was killed', async () => {
  const pid = await another();
  expect((await becomeStarter({ state }))?.pid).toBe(pid);
  await resignAsStarter({ state });
  expect((await findStarter({ state }))?.pid).toBe(pid);
  other?.kill('SIGKILL');
  if (other !== undefined) await once(other, 'exit');
  expect(await becomeStarter({ state })).toBeUndefined();
  expect((await findStarter({ state }))?.pid).toBe(process.pid);
});

it('is asked to end, and waited for', async () => {
  await another();
  const exited = other === undefined ? undefined : once(other, 'exit');
  expect(await endStarter({ state })).toBe(true);
  expect(await exited).toEqual([null, 'SIGTERM']);
  expect(await endStarter({ state })).toBe(false);
});
