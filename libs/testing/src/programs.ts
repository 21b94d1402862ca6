// Where the programs that specs start are found.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of a program. @throws Error that says what to do when it is nowhere. */
export function findProgram(name: 'nats-server' | 'kube'): string {
  const folders = [process.env['PODS_PROGRAMS'], ...(process.env['PATH'] ?? '').split(delimiter)];
  for (const folder of folders) {
    if (folder !== undefined && existsSync(join(folder, name))) return join(folder, name);
  }
  throw new Error(`there is no program ${name}: set PODS_PROGRAMS to a folder that holds it`);
}
