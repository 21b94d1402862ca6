// vitest's global set-up of the e2e level: the whole platform, from an empty state folder, started as `npm start` does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { logTails } from './log-tails.ts';
import { parsePlatformInfo } from './platform-info.ts';
import { type Guard, startGuard } from './servers/start-guard.ts';

const program = fileURLToPath(new URL('../../../infra/local/src/main.ts', import.meta.url));

/** Starts the platform; returns what stops it and removes its state. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const guard = await startGuard('e2e');
  const state = join(guard.folder, 'state');
  const logs = join(state, 'log');
  guard.atEnd(process.execPath, [program, 'stop', '--state', state]);
  const unsubscribe = stopOnSignals(guard);
  try {
    await startPlatform(state);
    project.provide('platform', parsePlatformInfo(await readFile(join(state, 'platform.json'), 'utf8')));
  } catch (error) {
    console.error(await logTails(logs));
    await guard.stop();
    throw error;
  }
  return async () => {
    if (project.vitest.state.getCountOfFailedTests() > 0) console.error(await logTails(logs));
    unsubscribe();
    await guard.stop();
  };
}

async function startPlatform(state: string): Promise<void> {
  const args = [program, 'start', '--detach', '--no-demo', '--state', state];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const exit: unknown[] = await once(child, 'exit');
  const [exitCode] = exit;
  if (exitCode !== 0) throw new Error(`the platform could not be started (exit code ${String(exitCode)}); see above`);
}

/**
 * Stopping takes seconds, and the next start needs the same ports: so this process ends only after it. vitest's own
 * listeners would end it a millisecond after the signal.
 */
function stopOnSignals(guard: Guard): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (signal: (typeof signals)[number]): void => {
    console.error(`${signal}: stopping the platform`);
    void guard.stop().then(() => process.exit(128 + constants.signals[signal]));
  };
  for (const signal of signals) process.removeAllListeners(signal).on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}
