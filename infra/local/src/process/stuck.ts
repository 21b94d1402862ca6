// Ends a daemon that says of itself that it goes on only after a new start. Who launches it again is others' business.
import { FULL_BYTES, freeBytesAt } from '../files/room.ts';
import { endProcess } from './daemon.ts';
import { ask } from './probe.ts';
import { readAlive } from './records.ts';

const ASK_MS = 2_000;

/**
 * Ends a running daemon whose health endpoint has the words of its record in its answer, once its disk has room again: on
 * a full one a new start would be of no use.
 * @returns what it said; undefined when it goes on.
 */
export const endIfStuck = async (runFolder: string, name: string): Promise<string | undefined> => {
  const record = await readAlive(runFolder, name);
  if (record?.stuck === undefined) return undefined;
  const { url, says, folder } = record.stuck;
  // No answer at all is no word of its own: it may be starting, or busy.
  const answer = await ask(url, { timeoutMs: ASK_MS }).catch(() => undefined);
  if (answer?.body.includes(says) !== true || (await freeBytesAt(folder)) < FULL_BYTES) return undefined;
  await endProcess(record, record.stopSignal, record.graceMs);
  return answer.body.trim();
};
