// The files that daemons write their output to: where they are, their last lines, and that they stay bounded.
import { ftruncateSync, readSync, writeSync } from 'node:fs';
import { open, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

type Folders = { readonly logFolder: string };

/** A log larger than this many bytes is moved aside. */
const LOG_BYTES_MAX = 16 * 2 ** 20;

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 10;

/** Where a daemon's output goes. */
export const logFileOf = ({ logFolder }: Folders, name: string): string => join(logFolder, `${name}.log`);

const sizeOf = async (file: string): Promise<number> =>
  await stat(file).then(
    (found) => found.size,
    () => 0,
  );

/** The last lines of a daemon's log; none when there is no log. */
export const lastLogLines = async (folders: Folders, name: string, count: number): Promise<readonly string[]> => {
  const file = logFileOf(folders, name);
  const size = await sizeOf(file);
  if (size === 0) return [];
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(Math.min(size, CHUNK_BYTES)),
      position: Math.max(0, size - CHUNK_BYTES),
    });
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    return lines.filter((line) => line.trim() !== '').slice(-count);
  } finally {
    await handle.close();
  }
};

/** A copy under way: where it reads next, how much it has written, and how much of that are whole lines. */
type Copy = { readonly position: number; readonly written: number; readonly whole: number };

/** Copies to the end of a file, however far that moves in the meantime, but no more than that many bytes in all. */
const copyRest = (from: number, to: number, start: Copy, bytesMax: number): Copy => {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let { position, written, whole } = start;
  while (written < bytesMax) {
    const count = readSync(from, chunk, 0, chunk.length, position);
    if (count === 0) break;
    writeSync(to, chunk, 0, count);
    const end = chunk.subarray(0, count).lastIndexOf(NEWLINE);
    if (end !== -1) whole = written + end + 1;
    position += count;
    written += count;
  }
  return { position, written, whole };
};

/** The place behind the first line end at or after this one; a part of a line is not kept. */
const lineStart = (file: number, position: number): number => {
  if (position === 0) return 0;
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const found = chunk.subarray(0, readSync(file, chunk, 0, chunk.length, position - 1)).indexOf(NEWLINE);
  return found === -1 ? position : position + found;
};

/**
 * Moves a log that has become too large to `FILE.1` and empties it, while its daemon goes on writing to it (and to the
 * same file, as it was opened for appending). What was in `FILE.1` goes, and so does all but the last `bytesMax` of a
 * log that grew faster than anybody looked. Lines stay whole. A line that is written in the microseconds between the last
 * look and the emptying is lost.
 * @returns whether the log was moved.
 */
export const rotateLog = async (file: string, bytesMax = LOG_BYTES_MAX): Promise<boolean> => {
  const size = await sizeOf(file);
  if (size <= bytesMax) return false;
  const draft = `${file}.draft`;
  const [from, to] = [await open(file, 'r+'), await open(draft, 'w', 0o644)];
  try {
    const start = { position: lineStart(from.fd, Math.max(0, size - bytesMax)), written: 0, whole: 0 };
    // A daemon that writes faster than it can be copied is not waited for.
    const copied = copyRest(from.fd, to.fd, start, 2 * bytesMax);
    await rename(draft, `${file}.1`);
    // Nothing may come between these two, so nothing is awaited.
    const { whole } = copyRest(from.fd, to.fd, copied, 2 * bytesMax);
    ftruncateSync(from.fd, 0);
    if (whole > 0) ftruncateSync(to.fd, whole);
    return true;
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
};
/** Rotates every log in the folder that has become too large, also those that daemons open by themselves. */
export const rotateLogs = async ({ logFolder }: Folders, bytesMax = LOG_BYTES_MAX): Promise<void> => {
  const names = (await readdir(logFolder).catch(() => [])).filter((name) => name.endsWith('.log'));
  for (const name of names) await rotateLog(join(logFolder, name), bytesMax);
};
