// What a guard and its owner tell each other over their channel.
import { z } from 'zod';

/** Starts a process; its output goes to `<name>.log` in the guard's folder. */
const start = z.object({
  kind: z.literal('start'),
  name: z.string(),
  command: z.string(),
  args: z.array(z.string()),
  /** Beside the guard's own environment. */
  env: z.record(z.string(), z.string()).default({}),
  /** The user and group to run as; both or none. */
  uid: z.int().optional(),
  gid: z.int().optional(),
  /** What ends the process for good. SIGKILL unless something else would be left behind. */
  stopSignal: z.enum(['SIGKILL', 'SIGQUIT']).default('SIGKILL'),
});

const kill = z.object({ kind: z.literal('kill'), name: z.string(), signal: z.enum(['SIGKILL', 'SIGTERM', 'SIGINT']) });

/** A command to run to its end before the folder is removed; when it fails the folder is kept. */
const atEnd = z.object({ kind: z.literal('atEnd'), command: z.string(), args: z.array(z.string()) });

/** Ends all processes, removes the folder, ends the guard. Losing the channel means the same. */
const stop = z.object({ kind: z.literal('stop') });

export const guardRequest = z.discriminatedUnion('kind', [start, kill, atEnd, stop]);
export type GuardRequest = z.input<typeof guardRequest>;
export type StartRequest = z.infer<typeof start>;
export type AtEndRequest = z.infer<typeof atEnd>;

export const guardEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), name: z.string(), pid: z.int() }),
  z.object({ kind: z.literal('failed'), name: z.string(), message: z.string() }),
  z.object({ kind: z.literal('exited'), name: z.string(), how: z.string() }),
]);
export type GuardEvent = z.infer<typeof guardEvent>;
