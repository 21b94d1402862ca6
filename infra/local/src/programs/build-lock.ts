// Keeps builds apart: one at a time on a machine, whichever process asks. The kernel holds the lock for a helper
// process, which ends with us, so that a killed build leaves nothing locked.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const HOLDER = 'echo held; exec cat';

const spawnHolder = (file: string): ChildProcess =>
  spawn('flock', [file, 'sh', '-c', HOLDER], { stdio: ['pipe', 'pipe', 'inherit'] });

const held = async (holder: ChildProcess): Promise<void> => {
  if (holder.stdout === null) throw new Error('the lock holder has no output');
  const lines = createInterface({ input: holder.stdout });
  const first = await Promise.race([once(lines, 'line'), once(holder, 'exit')]);
  if (first[0] !== 'held') throw new Error(`flock ended with ${String(first[0])} before it held the lock`);
};

/**
 * Waits for the lock of a file, runs the work, and lets go.
 * @param onWait called when another process holds the lock, before waiting for it.
 */
export const withBuildLock = async <T>(
  file: string,
  signal: AbortSignal,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> => {
  const holder = spawnHolder(file);
  const letGo = (): void => {
    holder.stdin?.end();
    // While it still waits for the lock it does not read its input.
    holder.kill('SIGTERM');
  };
  signal.addEventListener('abort', letGo);
  const waiting = setTimeout(onWait, 300);
  try {
    await held(holder);
    clearTimeout(waiting);
    signal.throwIfAborted();
    return await work();
  } finally {
    clearTimeout(waiting);
    signal.removeEventListener('abort', letGo);
    letGo();
  }
};
