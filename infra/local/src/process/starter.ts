// The process that starts a platform and stays with it: at most one for a state folder.
import { randomUUID } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere } from '../files/put-file.ts';
import { endProcess } from './daemon.ts';
import { identify, isAlive, type ProcessIdentity } from './identity.ts';

type Folders = { readonly state: string };

const schema = z.object({ pid: z.number().int().positive(), startTicks: z.string(), bootId: z.string() });

/** Long enough for an end in the middle of a start. */
const END_MS = 90_000;

const fileOf = ({ state }: Folders): string => join(state, 'starter.json');

const read = async (file: string): Promise<ProcessIdentity | undefined> => {
  const content = await readIfThere(file);
  if (content === undefined) return undefined;
  const parsed = schema.safeParse(JSON.parse(content));
  return parsed.success && (await isAlive(parsed.data)) ? parsed.data : undefined;
};

/** The process that starts, or stays with, the platform of this state folder now. */
export const findStarter = async (folders: Folders): Promise<ProcessIdentity | undefined> =>
  await read(fileOf(folders));

const isLinked = async (from: string, to: string): Promise<boolean> =>
  await link(from, to).then(
    () => true,
    () => false,
  );

/** Takes the mark of a dead starter away, and puts it back when its owner turns out to be alive. */
const removeStale = async (folders: Folders): Promise<void> => {
  const aside = `${fileOf(folders)}.${randomUUID()}`;
  await rename(fileOf(folders), aside).catch(() => undefined);
  if ((await read(aside)) !== undefined) await isLinked(aside, fileOf(folders));
  await rm(aside, { force: true });
};

/**
 * Makes this process the starter.
 * @returns the other starter when there is one; undefined when this process is it now.
 */
export const becomeStarter = async (folders: Folders): Promise<ProcessIdentity | undefined> => {
  const me = await identify(process.pid);
  if (me === undefined) throw new Error('this process is not in /proc');
  const draft = `${fileOf(folders)}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(me));
  try {
    for (;;) {
      // Unlike a rename, a link never replaces: of two that try at once one fails and looks again.
      if (await isLinked(draft, fileOf(folders))) return undefined;
      const other = await findStarter(folders);
      if (other !== undefined) return other;
      await removeStale(folders);
    }
  } finally {
    await rm(draft, { force: true });
  }
};

/** Gives the role up; does nothing when another process has it. */
export const resignAsStarter = async (folders: Folders): Promise<void> => {
  if ((await findStarter(folders))?.pid === process.pid) await rm(fileOf(folders), { force: true });
};

/** Asks the starter to end, and waits until it has. @returns whether there was one. */
export const endStarter = async (folders: Folders): Promise<boolean> => {
  const starter = await findStarter(folders);
  if (starter === undefined || starter.pid === process.pid) return false;
  await endProcess(starter, 'SIGTERM', END_MS);
  return true;
};
