// Platforms of runs that were killed together with their guards: nobody else would ever end them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platformProgram, stateIn } from './platform.ts';

/**
 * Ends and removes every platform below the system's temporary folder that was started for this purpose (as `startGuard`
 * has it) and has no guard any more, in whichever network it runs. What cannot be removed is said and left.
 */
export async function clearLeftovers(purpose: string): Promise<void> {
  const names = await readdir(tmpdir());
  for (const folder of names
    .filter((name) => name.startsWith(`pods-${purpose}-`))
    .map((name) => join(tmpdir(), name))) {
    // A folder without a platform may just have been made, its guard about to be started.
    if (!existsSync(join(stateIn(folder), 'installation.json')) || (await isGuarded(folder))) continue;
    console.log(`specs: removing what a killed run has left in ${folder}`);
    const args = [platformProgram, 'reset', '--state', stateIn(folder)];
    // Its control group is what it remembers, not what this run was given.
    const { PODS_CGROUP: _, ...env } = process.env;
    const reset = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
    const exit: unknown[] = await once(reset, 'exit');
    if (exit[0] === 0) await rm(folder, { recursive: true, force: true });
    else console.error(`specs: ${folder} could not be removed, see above`);
  }
}

/** Whether the guard with this folder lives: it has it as an argument. */
export async function isGuarded(folder: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map(async (pid) => await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return commands.some((command) => command.split('\0').includes(folder));
}
