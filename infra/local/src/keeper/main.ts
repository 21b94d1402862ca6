// The keeper: launches the platform's daemons again when they have ended, and keeps their logs small. It may be killed at
// any instruction; another one goes on from the records. Started by `npm start`, with the folders of records and logs.
import { argv, env, exit, stdout } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { rotateLogs } from '../process/log-file.ts';
import { readRecord } from '../process/records.ts';
import { beat, HEARTBEAT_MS } from './heartbeat.ts';
import { endStuck, keepOnce, KEEPER } from './round.ts';

const ROUND_MS = 500;

const [runFolder, logFolder] = argv.slice(2);
const { PODS_INSTALLATION: installationId, PODS_LAUNCH: launchId } = env;
if (runFolder === undefined || logFolder === undefined || installationId === undefined)
  throw new Error('The keeper is started by npm start.');

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    controller.abort();
  });
}

const deps = {
  home: { runFolder, logFolder, installationId },
  nowMs: () => Date.now(),
  tell: (line: string) => stdout.write(`${new Date().toISOString()} ${line}\n`),
};

/** False when the state folder is gone, or another keeper has been started. */
const isWanted = async (): Promise<boolean> => (await readRecord(runFolder, KEEPER))?.launchId === launchId;

/** What goes wrong here, such as a full disk, may pass. */
const attempt = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    deps.tell(error instanceof Error ? error.message : String(error));
  }
};

let nextBeatMs = 0;
while (!controller.signal.aborted && (await isWanted())) {
  await keepOnce(deps, controller.signal);
  if (performance.now() >= nextBeatMs) {
    nextBeatMs = performance.now() + HEARTBEAT_MS;
    await attempt(async () => {
      await rotateLogs(deps.home);
      await beat(runFolder);
      await endStuck(deps, controller.signal);
    });
  }
  await delay(ROUND_MS, undefined, { signal: controller.signal }).catch(() => undefined);
}
// The daemons it has launched are its children and must not hold it back.
exit();
