// The event log on JetStream: write-once subjects, reads by index. Creates nothing: streams belong to infra.
import type { JetStreamManager } from '@nats-io/jetstream';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { HistoryNames } from '../history-names.ts';
import { eventSubject, historySubjects } from '../history-names.ts';
import type { EventLog, HistoryKey, RecordedEvent, Version } from '../port.ts';
import { LogUnavailableError } from '../port.ts';
import { appendEvent } from './append.ts';
import { watchConnection } from './connection-watch.ts';
import { isClosed, isForbidden } from './failures.ts';
import { decodeStored } from './messages.ts';
import { mapLimited, untilDeadline } from './retry.ts';

export interface NatsLogOptions {
  readonly nc: NatsConnection;
  readonly names: HistoryNames;
  /** How long an append asks after an unknown outcome; 10 s by default (nats.md Q8: a failover takes 4 to 6 s). */
  readonly appendDeadlineMs?: number;
  /** How long a read is tried again; 5 s by default. */
  readonly readDeadlineMs?: number;
  /** How long one request waits for its answer; 2 s by default. */
  readonly attemptTimeoutMs?: number;
}

/** Requests of one read that are under way at the same time (nats.md 1.5). */
const readsInFlightMax = 64;

/** Opens a log on streams that exist. */
export async function openNatsLog(options: NatsLogOptions): Promise<EventLog> {
  const { nc, names, appendDeadlineMs = 10_000, readDeadlineMs = 5000, attemptTimeoutMs = 2000 } = options;
  const js = jetstream(nc, { timeout: attemptTimeoutMs });
  const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: attemptTimeoutMs });
  const connection = watchConnection(nc);
  const reading = <Value>(read: () => Promise<Value>): Promise<Value> =>
    retryRead(readDeadlineMs, () => connection.request(attemptTimeoutMs, read));
  const byIndex = (subject: string, fresh: boolean): Promise<RecordedEvent | undefined> =>
    reading(() => readBySubject(jsm, names, subject, fresh));

  // A copy that lags may lack an event that another copy has shown; what the leader lacks too was erased.
  const readAt = async (key: HistoryKey, version: Version): Promise<RecordedEvent | undefined> => {
    const subject = eventSubject(names, key, version);
    return (await byIndex(subject, false)) ?? (await byIndex(subject, true));
  };

  const last: EventLog['last'] = (key, lastOptions = {}) =>
    byIndex(historySubjects(names, key), lastOptions.fresh ?? false);

  return {
    append: (key, version, event, afterSeq) =>
      appendEvent({ nc, js, jsm, names, connection, attemptTimeoutMs, deadlineMs: appendDeadlineMs }, key, {
        version,
        event,
        afterSeq,
      }),
    last,
    read: async (key, from = 1, through) => {
      const newest = through === undefined ? await last(key) : undefined;
      const end = through ?? newest?.version ?? 0;
      const versions = Array.from({ length: Math.max(0, end - from + 1) }, (_, index) => from + index);
      const events = await mapLimited(versions, readsInFlightMax, async (version) =>
        version === newest?.version ? newest : readAt(key, version),
      );
      return events.filter((event) => event !== undefined);
    },
    readAt,
    usage: () =>
      reading(async () => {
        const info = await jsm.streams.info(names.stream);
        return { bytes: info.state.bytes, bytesMax: Math.max(0, info.config.max_bytes), lastSeq: info.state.last_seq };
      }),
  };
}

async function readBySubject(
  jsm: JetStreamManager,
  names: HistoryNames,
  subject: string,
  fresh: boolean,
): Promise<RecordedEvent | undefined> {
  const query = { last_by_subj: subject };
  const message = await (fresh
    ? jsm.streams.getMessage(names.stream, query)
    : jsm.direct.getMessage(names.stream, query));
  return message === null ? undefined : decodeStored(names, message);
}

async function retryRead<Value>(deadlineMs: number, read: () => Promise<Value>): Promise<Value> {
  const outcome = await untilDeadline<Value>({ deadlineMs }, async () => {
    try {
      return { done: true, value: await read() };
    } catch (error) {
      if (isForbidden(error)) throw error;
      if (isClosed(error)) {
        throw new LogUnavailableError('the connection to the log is closed', { outcomeUnknown: false, cause: error });
      }
      return { done: false, error };
    }
  });
  if (outcome.done) return outcome.value;
  throw new LogUnavailableError('the log did not answer a read in time', {
    outcomeUnknown: false,
    cause: outcome.error,
  });
}
