// The ends of the logs in a folder, for whoever must find out why something failed.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The last lines of every `.log` file of a folder, each under its name; empty when there is no such folder. */
export async function logTails(folder: string, linesMax = 15): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const logs = names.filter((name) => name.endsWith('.log')).toSorted();
  const tails = await Promise.all(
    logs.map(async (name) => {
      const lines = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n');
      return `--- ${name}\n${lines.slice(-linesMax).join('\n')}`;
    }),
  );
  return tails.join('\n');
}
