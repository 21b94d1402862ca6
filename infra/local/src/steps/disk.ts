// Looks whether a disk has room for what a start will write, and says afterwards when it had not. Changes nothing.
import { FULL_BYTES, freeBytesAt } from '../files/room.ts';
import { programs, type ProgramName } from '../programs/catalogue.ts';
import { MachineError } from './machine.ts';

const MiB = 2 ** 20;

/** A new state folder with the catalogue's images and a few pods holds 0.8 GiB. */
const NEW_STATE_BYTES = 1536 * MiB;
/** What is there already needs room to go on. */
const GROWTH_BYTES = 256 * MiB;

const inWords = (bytes: number): string =>
  bytes < 1024 * MiB ? `${Math.floor(bytes / MiB)} MiB` : `${(bytes / MiB / 1024).toFixed(1)} GiB`;

type Need = { readonly folder: string; readonly bytes: number; readonly what: string; readonly remedy: string };

const checkRoom = async ({ folder, bytes, what, remedy }: Need): Promise<void> => {
  const freeBytes = await freeBytesAt(folder);
  if (freeBytes >= bytes) return;
  throw new MachineError([
    `The disk that holds ${folder} is too full: ${what} needs ${inWords(bytes)}, and ${inWords(freeBytes)} are free.`,
    `Make room, or ${remedy}.`,
  ]);
};

/** Whether there is room for the state. @throws MachineError */
export const checkStateRoom = async (stateFolder: string, isNew: boolean): Promise<void> => {
  await checkRoom({
    folder: stateFolder,
    bytes: isNew ? NEW_STATE_BYTES : GROWTH_BYTES,
    what: isNew ? 'a new platform' : 'a platform',
    remedy: 'keep the state elsewhere: --state FOLDER',
  });
};

/** Whether there is room for building these programs and Go's own caches of that. @throws MachineError */
export const checkBuildRoom = async (cacheFolder: string, missing: readonly ProgramName[]): Promise<void> => {
  if (missing.length === 0) return;
  await checkRoom({
    folder: cacheFolder,
    bytes: missing.reduce((sum, name) => sum + programs[name].buildBytes, 0),
    what: `building ${missing.join(', ')}`,
    remedy:
      'set PODS_CACHE, GOCACHE and GOMODCACHE to folders on another disk, or name a folder of ready-made programs: --programs FOLDER',
  });
};

/** A sentence for whoever reads why a step failed; undefined when the disk has room. */
export const explainFullDisk = async (folder: string): Promise<string | undefined> => {
  const freeBytes = await freeBytesAt(folder);
  return freeBytes < FULL_BYTES
    ? `The disk that holds ${folder} is full (${inWords(freeBytes)} left), which is the likely reason. Make room and start again.`
    : undefined;
};
