// Entry of the command line; the only reader of the environment here.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './cli.ts';
import { ImageBuildError, PushError } from './errors.ts';

const cache =
  process.env['PODS_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pods-service');

const isForPeople = (error: unknown): error is Error =>
  error instanceof ImageBuildError ||
  error instanceof PushError ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

try {
  process.exitCode = await runCli(process.argv.slice(2), {
    defaultCacheDir: join(cache, 'images'),
    print: (line) => console.log(line),
    printProgress: (line) => console.error(line),
  });
} catch (error) {
  if (!isForPeople(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
