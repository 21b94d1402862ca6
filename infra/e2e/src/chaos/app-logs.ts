// What the apps wrote while they were killed: anything that is no line of their log, or tells of a fatal or unexpected error.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { apps } from './kill-plan.ts';

const lineSchema = z.looseObject({ level: z.string(), msg: z.string() });

/** The last line may be cut off where its process was killed; the next process goes on in the same line. */
const cutOff = /^\{"level":"[a-z]+","time":"/;

export interface AppLogs {
  /** Lines written since that no app should ever write, each with the name of its log. */
  readonly unexpected: () => Promise<readonly string[]>;
}

/** Remembers how far the logs go now. */
export async function openAppLogs(logDir: string): Promise<AppLogs> {
  const names = apps.flatMap((app) => [app, `${app}-second`]);
  const read = (name: string): Promise<string> => readFile(join(logDir, `${name}.log`), 'utf8').catch(() => '');
  const before = new Map(await Promise.all(names.map(async (name) => [name, (await read(name)).length] as const)));
  return {
    unexpected: async () => {
      const found = names.map(async (name) => {
        const text = (await read(name)).slice(before.get(name));
        return text
          .split('\n')
          .filter(isUnexpected)
          .map((line) => `${name}: ${line}`);
      });
      return (await Promise.all(found)).flat();
    },
  };
}

function isUnexpected(line: string): boolean {
  if (line === '' || line.startsWith('(node:') || line.startsWith('(Use `node')) return false;
  try {
    const { level } = lineSchema.parse(JSON.parse(line));
    return level === 'error' || level === 'fatal';
  } catch {
    return !cutOff.test(line);
  }
}
