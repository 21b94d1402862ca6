// What the keeper does in one round: looks at every recorded daemon, and launches again what has ended. Remembers nothing
// between rounds; everything is in the records.
import { isAlive } from '../process/identity.ts';
import { launch, LaunchError, readRunning, type DaemonHome } from '../process/launch.ts';
import { NOBODY, readRecord, recordedNames, writeRecord, type DaemonRecord } from '../process/records.ts';
import { endIfStuck } from '../process/stuck.ts';
import { isEndNoted, noteEnd, waitMsOf } from './backoff.ts';

/** The keeper's own name among the daemons. */
export const KEEPER = 'keeper';

/** What a round works with. */
export type RoundDeps = {
  readonly home: DaemonHome;
  readonly nowMs: () => number;
  /** Tells people what was done, one line each. */
  readonly tell: (line: string) => void;
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const noteFailure = async ({ home, nowMs, tell }: RoundDeps, name: string, error: LaunchError): Promise<void> => {
  tell(error.message);
  const record = await readRecord(home.runFolder, name);
  if (record === undefined) return;
  const lastEnd = { at: new Date(nowMs()).toISOString(), livedMs: 0, startTicks: '', problem: error.message };
  await writeRecord(home.runFolder, { ...record, ...NOBODY, quickEnds: record.quickEnds + 1, lastEnd });
};

const launchAgain = async (deps: RoundDeps, record: DaemonRecord): Promise<void> => {
  const { name } = record;
  try {
    const { pid, restarts } = await launch(deps.home, { ...record, restarts: record.restarts + 1 });
    deps.tell(`${name} is launched again as process ${pid}, restart ${restarts}`);
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    await noteFailure(deps, name, error);
  }
};

const noted = async ({ home, nowMs, tell }: RoundDeps, record: DaemonRecord): Promise<DaemonRecord> => {
  if (isEndNoted(record)) return record;
  const now = noteEnd(record, nowMs());
  await writeRecord(home.runFolder, now);
  tell(`${record.name}, process ${record.pid}, has ended after ${seconds(now.lastEnd?.livedMs ?? 0)}`);
  return now;
};

const lookAfter = async (deps: RoundDeps, name: string): Promise<void> => {
  const record = await readRecord(deps.home.runFolder, name);
  if (record === undefined || (await isAlive(record))) return;
  const ended = await noted(deps, record);
  if (waitMsOf(ended, deps.nowMs()) > 0) return;
  const found = await readRunning(deps.home, name);
  if (found === undefined) await launchAgain(deps, ended);
  else deps.tell(`${name} runs already as process ${found.pid}`);
};

/** Ends those that say of themselves that they go on only after a new start; the next round launches them. */
export const endStuck = async ({ home, tell }: RoundDeps, signal: AbortSignal): Promise<void> => {
  for (const name of await recordedNames(home.runFolder)) {
    if (signal.aborted) return;
    const said = await endIfStuck(home.runFolder, name);
    if (said !== undefined) tell(`${name} was ended because it goes on only after a new start: ${said}`);
  }
};

/**
 * Goes once through all daemons, one after the other, and stops early when it is told to. What goes wrong with one does
 * not keep it from the others; it is tried again in the next round.
 */
export const keepOnce = async (deps: RoundDeps, signal: AbortSignal): Promise<void> => {
  for (const name of await recordedNames(deps.home.runFolder)) {
    if (signal.aborted) return;
    if (name === KEEPER) continue;
    try {
      await lookAfter(deps, name);
    } catch (error) {
      deps.tell(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
};
