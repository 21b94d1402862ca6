// The keeper as a part: it is started last and ended first, so that it and whoever starts or stops the platform never act
// at the same time.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import type { Part } from '../parts/part.ts';
import type { DaemonSpec } from '../process/daemon.ts';
import type { DaemonHome } from '../process/launch.ts';
import { readAlive } from '../process/records.ts';
import { HEARTBEAT_MS, heartbeatFileOf } from './heartbeat.ts';
import { KEEPER } from './round.ts';

const LATE_MS = 4 * HEARTBEAT_MS;

/** How the keeper of the daemons of this home is started. */
export const keeperSpec = ({ runFolder, logFolder }: DaemonHome): DaemonSpec => ({
  name: KEEPER,
  program: execPath,
  args: [join(import.meta.dirname, 'main.ts'), runFolder, logFolder],
  // It may be in the middle of a launch.
  graceMs: 10_000,
});

/** Launches again what has ended, and keeps the logs small. */
export const keeper: Part<unknown> = {
  name: KEEPER,
  title: 'keeper',
  ports: () => [],
  readyMs: 30_000,
  prepare: async ({ home }) => await Promise.resolve(keeperSpec(home)),
  check: async ({ home }) => {
    const record = await readAlive(home.runFolder, KEEPER);
    const file = heartbeatFileOf(home.runFolder);
    if (record?.pid !== Number(await readFile(file, 'utf8'))) throw new Error('it has not looked at anything yet');
    const ageMs = Date.now() - (await stat(file)).mtimeMs;
    if (ageMs > LATE_MS) throw new Error(`it has not looked at anything for ${Math.round(ageMs / 1000)} s`);
  },
};
