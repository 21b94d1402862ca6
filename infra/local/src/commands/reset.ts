// Deletes what a platform keeps. Only what this program made, by name: the state folder may hold other things.
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CLUSTER_MARK } from '../cluster/existing/mark.ts';
import { removeFromCluster } from '../cluster/existing/remove.ts';
import { findMounts } from '../cluster/mounts.ts';
import type { Platform } from '../platform.ts';
import { stopPlatform, type ReportEnd } from './stop.ts';

const FILES = ['platform.json', 'settings.json', 'starter.json', CLUSTER_MARK];
/** Deleted last: as long as it is there the folder counts as ours, so that an interrupted reset can be repeated. */
const MARKER = 'installation.json';

/**
 * Stops the platform and deletes its state; never any program.
 * @returns what else lies in the state folder, which then stays.
 * @throws Error when something is still mounted there, MachineError when pods cannot be taken out of an existing cluster.
 */
export const resetPlatform = async (platform: Platform, report: ReportEnd): Promise<readonly string[]> => {
  await stopPlatform(platform, report);
  await removeFromCluster(platform, report);
  const { state, ...others } = platform.folders;
  const mounted = await findMounts(state);
  if (mounted.length > 0) throw new Error(`still mounted, so nothing was deleted: ${mounted.join(', ')}`);
  report(`deleting ${state}`);
  await Promise.all(
    [...Object.values(others), ...FILES.map((name) => join(state, name))].map(async (path) => {
      await rm(path, { recursive: true, force: true });
    }),
  );
  await rm(join(state, MARKER), { force: true });
  const left = await readdir(state);
  if (left.length > 0) return left;
  await rmdir(state).catch(() => undefined);
  return [];
};
