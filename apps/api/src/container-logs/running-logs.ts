// Logs of a running container, asked of health over NATS.
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from '@pods/service';
import {
  collectBytes,
  inboxPrefix,
  requestChunks,
  RequestFailedError,
  RequestTimeoutError,
  ServiceUnavailableError,
} from '@pods/service';
import type { RunningLogs } from './container-logs.ts';

export interface RunningLogsOptions {
  readonly nc: NatsConnection;
  readonly app: string;
  readonly subject: string;
  readonly log: Logger;
  readonly timeoutMs?: number;
  readonly deadlineMs?: number;
}

/** Bytes that are taken at most: health keeps less. */
const bytesMax = 64 * 1024 * 1024;

/** A source that answers undefined when health does not answer, or does not follow this run. */
export function createRunningLogs(options: RunningLogsOptions): RunningLogs {
  const { nc, app, subject, log, timeoutMs = 2000, deadlineMs = 20_000 } = options;
  return async (run) => {
    const { tenant, podId } = run;
    try {
      const answer = await requestChunks(nc, subject, run, { inbox: inboxPrefix(app), timeoutMs, deadlineMs });
      if (answer.ok) return await collectBytes(answer.value, bytesMax);
      log.info({ tenant, podId, code: answer.refusal.code }, 'health has no logs of a run');
      return undefined;
    } catch (err) {
      if (!isTrouble(err)) throw err;
      log.warn({ err, tenant, podId }, 'the logs of a running container cannot be read');
      return undefined;
    }
  };
}

function isTrouble(error: unknown): boolean {
  return (
    error instanceof ServiceUnavailableError ||
    error instanceof RequestTimeoutError ||
    error instanceof RequestFailedError ||
    error instanceof RangeError
  );
}
