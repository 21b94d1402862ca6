// The whole platform from an empty state folder below a guard's, started as `npm start` does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PlatformInfo, parsePlatformInfo } from '../platform-info.ts';
import type { Guard } from './start-guard.ts';

/** The local platform's command line. */
export const platformProgram = fileURLToPath(new URL('../../../../infra/local/src/main.ts', import.meta.url));

/** Where the logs of a guard's platform are. */
export function platformLogs(guard: Guard): string {
  return join(stateIn(guard.folder), 'log');
}

/**
 * Starts the platform; it ends with the guard, however that ends.
 * @throws Error when it could not be started; what it printed says why.
 */
export async function startPlatform(guard: Guard): Promise<PlatformInfo> {
  const state = stateIn(guard.folder);
  guard.atEnd(process.execPath, [platformProgram, 'stop', '--state', state]);
  const args = [platformProgram, 'start', '--detach', '--no-demo', '--state', state];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const exit: unknown[] = await once(child, 'exit');
  const [exitCode] = exit;
  if (exitCode !== 0) throw new Error(`the platform could not be started (exit code ${String(exitCode)}); see above`);
  return parsePlatformInfo(await readFile(join(state, 'platform.json'), 'utf8'));
}

/** The state folder in a guard's folder. */
export function stateIn(folder: string): string {
  return join(folder, 'state');
}
