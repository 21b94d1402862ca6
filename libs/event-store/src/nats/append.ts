// Appending one event to a write-once subject, and finding out what became of an attempt that got no answer.
// The protocol and the meaning of the codes are nats.md 1.5.
import type { JetStreamClient, JetStreamManager, JetStreamPublishOptions } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { headers } from '@nats-io/nats-core';
import type { HistoryNames } from '../history-names.ts';
import { eventSubject, historySubjects } from '../history-names.ts';
import type { AppendOutcome, HistoryKey, NewEvent, Version } from '../port.ts';
import { EventTooLargeError, LogFullError, LogUnavailableError } from '../port.ts';
import type { EncodedEvent } from '../wire.ts';
import { decodeHeaderValue, encodeEvent, eventHeaders } from '../wire.ts';
import type { ConnectionWatch } from './connection-watch.ts';
import { NotConnectedError } from './connection-watch.ts';
import { apiCode, isClosed, isForbidden, isNoResponders, isPayloadRefused, jetstreamCodes } from './failures.ts';
import type { Attempt } from './retry.ts';
import { untilDeadline } from './retry.ts';

export interface AppendDeps {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly names: HistoryNames;
  readonly connection: ConnectionWatch;
  /** How long one request waits for its answer. */
  readonly attemptTimeoutMs: number;
  /** How long an unknown outcome is asked after. */
  readonly deadlineMs: number;
}

export interface Append {
  readonly version: Version;
  readonly event: NewEvent;
  readonly afterSeq: number | undefined;
}

/** See `EventLog.append`. */
export async function appendEvent(
  deps: AppendDeps,
  key: HistoryKey,
  { version, event, afterSeq }: Append,
): Promise<AppendOutcome> {
  const subject = eventSubject(deps.names, key, version);
  const expect = expectationOf(deps.names, key, afterSeq);
  const message = encodeEvent(key, version, event);
  if (deps.nc.isClosed())
    throw new LogUnavailableError('the connection to the log is closed', { outcomeUnknown: false });
  let outcomeUnknown = false;
  const result = await untilDeadline<AppendOutcome>({ deadlineMs: deps.deadlineMs }, async (msLeft) => {
    const timeout = Math.max(100, Math.min(deps.attemptTimeoutMs, msLeft));
    try {
      const ack = await deps.connection.request(timeout, () => publish(deps, { subject, message, expect }, timeout));
      return { done: true, value: { kind: 'appended', seq: ack.seq, hash: message.hash } };
    } catch (error) {
      throwIfFinal(error, subject);
      outcomeUnknown ||= mayHaveBeenStored(error);
      return afterRefusal(deps, { subject, eventId: event.eventId, hash: message.hash }, error);
    }
  });
  if (result.done) return result.value;
  throw new LogUnavailableError(`no answer to an append to ${subject} within ${deps.deadlineMs} ms`, {
    outcomeUnknown,
    cause: result.error,
  });
}

type Expectation = NonNullable<JetStreamPublishOptions['expect']>;

/**
 * The stream itself refuses a second event on a subject. Beside that nothing may stand on the subject, or, when the
 * predecessor is known, it must be the newest event of the history. The second form is an addition only: nats.md 1.1
 * point 3 says why it could not carry correctness alone.
 */
function expectationOf(names: HistoryNames, key: HistoryKey, afterSeq: number | undefined): Expectation {
  const streamName = names.stream;
  if (afterSeq === undefined) return { streamName, lastSubjectSequence: 0 };
  return { streamName, lastSubjectSequence: afterSeq, lastSubjectSequenceSubject: historySubjects(names, key) };
}

interface Publication {
  readonly subject: string;
  readonly message: EncodedEvent;
  readonly expect: Expectation;
}

function publish(
  { js }: AppendDeps,
  { subject, message, expect }: Publication,
  timeout: number,
): Promise<{ readonly seq: number }> {
  // The client adds its own headers to the ones it is given, so each attempt gets a new set.
  const ownHeaders = headers();
  for (const [name, value] of message.headers) ownHeaders.set(name, value);
  return js.publish(subject, message.body, {
    headers: ownHeaders,
    expect,
    timeout,
  });
}

/** Whether an attempt that ended so can have reached the stream without its answer having come back. */
function mayHaveBeenStored(error: unknown): boolean {
  return apiCode(error) === undefined && !isNoResponders(error) && !(error instanceof NotConnectedError);
}

function throwIfFinal(error: unknown, subject: string): void {
  const code = apiCode(error);
  if (code === jetstreamCodes.messageTooLarge || code === jetstreamCodes.headersTooLarge || isPayloadRefused(error)) {
    throw new EventTooLargeError(`the event for ${subject} does not fit into a message`, { cause: error });
  }
  if (isForbidden(error)) throw error;
  if (isClosed(error)) {
    throw new LogUnavailableError('the connection to the log is closed', { outcomeUnknown: true, cause: error });
  }
}

/** A cluster looks at its limits before it looks at the subject, which an earlier attempt may have taken. */
const noRoomCodes: ReadonlySet<number> = new Set([
  jetstreamCodes.insufficientStorage,
  jetstreamCodes.insufficientResources,
  jetstreamCodes.accountResourcesExceeded,
]);

const askWhoseCodes: ReadonlySet<number> = new Set([
  jetstreamCodes.wrongLastSequence,
  jetstreamCodes.wrongLastSequenceInFlight,
  jetstreamCodes.storeFailed,
  ...noRoomCodes,
]);

/** After an answer that the subject is, or may be, taken: by whom? Other trouble is tried again with the same event id. */
async function afterRefusal(
  deps: AppendDeps,
  { subject, eventId, hash }: { readonly subject: string; readonly eventId: string; readonly hash: string },
  error: unknown,
): Promise<Attempt<AppendOutcome>> {
  const code = apiCode(error);
  if (code === undefined || !askWhoseCodes.has(code)) return { done: false, error };
  const found = await askLeader(deps, subject);
  if (found.kind === 'unreachable') return { done: false, error: found.error };
  if (found.kind === 'event') {
    const own = found.eventId === eventId.toWellFormed();
    return { done: true, value: own ? { kind: 'appended', seq: found.seq, hash } : { kind: 'conflict' } };
  }
  // Nobody wrote this version, but the event before it is not the one that was named.
  if (code === jetstreamCodes.wrongLastSequence) return { done: true, value: { kind: 'conflict' } };
  if (noRoomCodes.has(code)) throw new LogFullError('the log has no room left', { cause: error });
  if (code === jetstreamCodes.storeFailed && error instanceof Error && error.message.includes('maximum bytes')) {
    throw new LogFullError('the log has reached its size', { cause: error });
  }
  return { done: false, error };
}

type LeaderAnswer =
  | { readonly kind: 'event'; readonly eventId: string; readonly seq: number }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreachable'; readonly error: unknown };

async function askLeader(deps: AppendDeps, subject: string): Promise<LeaderAnswer> {
  try {
    const message = await deps.connection.request(deps.attemptTimeoutMs, () =>
      deps.jsm.streams.getMessage(deps.names.stream, { last_by_subj: subject }),
    );
    if (message === null) return { kind: 'nothing' };
    return { kind: 'event', eventId: decodeHeaderValue(message.header.get(eventHeaders.eventId)), seq: message.seq };
  } catch (error) {
    if (isForbidden(error)) throw error;
    return { kind: 'unreachable', error };
  }
}
