// Answers the question for the output of a container that is followed here.
import type { NatsConnection } from '@nats-io/nats-core';
import { podKeyToString, subjectTokenSchema } from '@pods/contracts';
import type { Logger, RequestServer } from '@pods/service';
import { answered, refused, serveChunks } from '@pods/service';
import { z } from 'zod';
import type { LogKeeper } from './keeper.ts';

const questionSchema = z.object({
  tenant: subjectTokenSchema,
  podId: subjectTokenSchema,
  incarnation: z.int().min(1),
  run: z.int().min(1),
});

export interface ServeLogsOptions {
  readonly subject: string;
  readonly keeper: Pick<LogKeeper, 'held'>;
  readonly log: Logger;
}

/** One member of the group answers; each health process follows all containers. */
const queue = 'health';
const deadlineMs = 60_000;
/** How long a question waits for a log that is still being read from its beginning. */
const catchUpMsMax = 3000;

/** Serves until closed. A run that is not held here is refused with `not_following`: ask for its archive. */
export function serveLogs(nc: NatsConnection, { subject, keeper, log }: ServeLogsOptions): RequestServer {
  return serveChunks(nc, subject, {
    queue,
    schema: questionSchema,
    deadlineMs,
    log,
    handler: async ({ tenant, podId, incarnation, run }, { signal }) => {
      const held = () => keeper.held(podKeyToString({ tenant, podId }), { incarnation, run });
      const first = held();
      if (first !== undefined) await atMost(catchUpMsMax, signal, first.caughtUp);
      const now = held();
      if (now === undefined) return refused('not_following', 'This run is not followed. Read its archived log.');
      return answered(oneByOne(now.pieces));
    },
  });
}

async function atMost(ms: number, signal: AbortSignal, done: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => {
    resolve();
  });
  await Promise.race([done, promise]);
  clearTimeout(timer);
}

async function* oneByOne(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* pieces;
}
