// vitest's global set-up of the e2e level: the whole platform, from an empty state folder, started as `npm start` does.
import { constants } from 'node:os';
import type { TestProject } from 'vitest/node';
import { logTails } from './log-tails.ts';
import { clearLeftovers } from './servers/leftovers.ts';
import { platformLogs, startPlatform } from './servers/platform.ts';
import { type Guard, startGuard } from './servers/start-guard.ts';

/** Starts the platform; returns what stops it and removes its state. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await clearLeftovers('e2e');
  const guard = await startGuard('e2e');
  const logs = platformLogs(guard);
  const unsubscribe = stopOnSignals(guard);
  try {
    project.provide('platform', await startPlatform(guard));
  } catch (error) {
    console.error(await logTails(logs));
    await guard.stop();
    throw new Error(
      'The platform of the e2e specs could not be started; what it printed says why. Where a port or the network is taken, ' +
        'for example by npm start: npm test -- --level e2e [path...] runs these specs in a network of their own.',
      { cause: error },
    );
  }
  return async () => {
    if (project.vitest.state.getCountOfFailedTests() > 0) console.error(await logTails(logs));
    unsubscribe();
    await guard.stop();
  };
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
