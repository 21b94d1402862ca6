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
  /** For each part; health may take some seconds to catch up with a log. */
  readonly timeoutMs?: number;
  readonly deadlineMs?: number;
}

/** Bytes that are taken at most: health keeps less. */
const bytesMax = 64 * 1024 * 1024;

/** A source that asks health: when nobody answers, or not in time, it is unavailable. */
export function createRunningLogs(options: RunningLogsOptions): RunningLogs {
  const { nc, app, subject, log, timeoutMs = 6000, deadlineMs = 30_000 } = options;
  return async (run) => {
    try {
      const answer = await requestChunks(nc, subject, run, { inbox: inboxPrefix(app), timeoutMs, deadlineMs });
      if (!answer.ok) return { kind: answer.refusal.retryable ? 'unavailable' : 'none' };
      return { kind: 'bytes', bytes: await collectBytes(answer.value, bytesMax) };
    } catch (err) {
      if (!isTrouble(err)) throw err;
      log.warn({ err, tenant: run.tenant, podId: run.podId }, 'the logs of a running container cannot be read');
      return { kind: 'unavailable' };
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
