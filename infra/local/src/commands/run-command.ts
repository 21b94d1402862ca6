// Carries a command line out.
import { hasOwnCluster } from '../cluster/certificates.ts';
import { findPlatform } from '../platform.ts';
import { placesOf, type Environment } from '../programs/places.ts';
import { parseSettings } from '../settings/settings.ts';
import { collect } from '../settings/sources.ts';
import { withStateFolder } from '../settings/state-folder.ts';
import { checkOwner, checkRights, MachineError } from '../steps/machine.ts';
import type { Screen } from '../ui/screen.ts';
import { renderEnded } from '../ui/summary.ts';
import type { CommandLine } from './command-line.ts';
import { prepare } from './prepare.ts';
import { resetPlatform } from './reset.ts';
import { start } from './start.ts';
import { renderBrief, renderStatus, statusOfAll, type PartStatus } from './status.ts';
import { stopPlatform } from './stop.ts';

/** What a command works with. */
export type CommandDeps = {
  readonly environment: Environment;
  readonly cwd: string;
  readonly screen: Screen;
  /** Aborted when whoever called wants an end. */
  readonly signal: AbortSignal;
};

type Platform = NonNullable<Awaited<ReturnType<typeof findPlatform>>>;

/** What is known of processes is for whoever started them alone. */
const askAll = async (platform: Platform): Promise<readonly PartStatus[]> => {
  try {
    return await statusOfAll(platform);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw error;
    throw new MachineError([
      `The platform in ${platform.folders.state} was started by another user, who alone may ask how it is.`,
      'If that is root: sudo npm run status',
    ]);
  }
};

const status = async (platform: Platform, json: boolean, { paint, print }: Screen): Promise<number> => {
  const parts = await askAll(platform);
  const isWell = parts.every(({ health }) => health === 'up');
  const isRunning = parts.some(({ pid }) => pid !== undefined);
  if (json)
    print(JSON.stringify({ state: platform.folders.state, running: isRunning, healthy: isWell, parts }, undefined, 2));
  else if (isRunning)
    print(`Platform in ${platform.folders.state}`, ...renderStatus(parts, paint), '', `  ${renderBrief(parts, paint)}`);
  else print(`The platform in ${platform.folders.state} is not running. npm start starts it.`);
  return isWell ? 0 : 1;
};

/** What a cluster of our own has changed on the machine only root can take back. */
const checkEnder = async (platform: Platform): Promise<void> => {
  if (await hasOwnCluster(platform)) checkRights();
  else await checkOwner(platform.folders.state, true);
};

const stop = async (platform: Platform, screen: Screen): Promise<number> => {
  await checkEnder(platform);
  const startedMs = performance.now();
  await stopPlatform(platform, (text) => {
    screen.print(`  ending ${text}`);
  });
  screen.print(renderEnded(performance.now() - startedMs, platform.folders.state, platform.existing));
  return 0;
};

const reset = async (platform: Platform, screen: Screen): Promise<number> => {
  await checkEnder(platform);
  const left = await resetPlatform(platform, (text) => {
    screen.print(`  ${text}`);
  });
  screen.print(
    left.length === 0
      ? '  the state is gone'
      : `  the state is gone; ${platform.folders.state} stays, because it also holds ${left.join(', ')}`,
  );
  return 0;
};

/** For stop and reset that is as it should be; for status it means that not all is well. */
const nothingThere = (stateFolder: string, { command, json }: CommandLine, screen: Screen): number => {
  if (json)
    screen.print(JSON.stringify({ state: stateFolder, running: false, healthy: false, parts: [] }, undefined, 2));
  else
    screen.print(
      `There is no platform in ${stateFolder}.`,
      'npm start makes one; with --state FOLDER each command is about another folder.',
    );
  return command === 'status' ? 1 : 0;
};

/** Runs one command. @returns the exit code of the process. */
export const runCommand = async (commandLine: CommandLine, deps: CommandDeps): Promise<number> => {
  const { environment, cwd, screen, signal } = deps;
  const { command, detach, demo, json } = commandLine;
  const given = await collect(commandLine.given, environment, cwd);
  const settings = parseSettings(given, cwd);
  const places = { ...placesOf(environment), programsFolder: settings.programsFolder };
  if (command === 'prepare') return await prepare({ places, screen, signal });
  if (command === 'start') {
    return await start({ settings, given, places, detach, demo, screen, signal });
  }
  const platform = await withStateFolder(settings.stateFolder, async () => await findPlatform(settings));
  if (platform === undefined) return nothingThere(settings.stateFolder, commandLine, screen);
  if (command === 'status') return await status(platform, json, screen);
  return command === 'stop' ? await stop(platform, screen) : await reset(platform, screen);
};
