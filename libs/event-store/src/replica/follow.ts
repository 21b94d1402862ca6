// Feeding a replica from a stream: one ordered consumer at a time, from the last applied place on. Whatever goes
// wrong ends the session, and the next one starts where the replica stands.
import type { ConsumerMessages, JetStreamManager } from '@nats-io/jetstream';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { HistoryNames } from '../history-names.ts';
import { familySubjects } from '../history-names.ts';
import type { ConnectionWatch } from '../nats/connection-watch.ts';
import { decodeDelivered } from '../nats/messages.ts';
import { endsSession } from '../nats/sessions.ts';
import type { ReplicaCore, StreamPlace } from './replica-core.ts';
import type { AppliedPlace } from './same-stream.ts';
import { assertHolds } from './same-stream.ts';

export interface FollowDeps<State> {
  readonly nc: NatsConnection;
  readonly names: HistoryNames;
  readonly core: ReplicaCore<State>;
  readonly connection: ConnectionWatch;
  readonly signal: AbortSignal;
}

/** How long to wait for a connection before a request. */
const connectMs = 5000;

/** Twice this time without a sign of the server ends a session. */
const heartbeatMs = 2000;

/**
 * Follows until something goes wrong, the connection is lost, or `signal` ends it.
 * @throws ReplicaFailedError when the stream is not the one that was followed, or what the client throws
 */
export async function followOnce<State>({ nc, names, core, connection, signal }: FollowDeps<State>): Promise<void> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const lastSeq = await connection.request(connectMs, () => assertHolds(jsm, names, [placeOf(core)]));
  const consumer = await connection.request(connectMs, () =>
    jetstream(nc).consumers.get(names.stream, { opt_start_seq: core.place.seq + 1, inactive_threshold: 30_000 }),
  );
  // Asked of the consumer as it was created: nothing was there to come. Its copy of the stream may lag, so that this is
  // believed only when the leader has nothing either: then all up to there is applied.
  const seemsEmpty = (await consumer.info(true)).num_pending === 0;
  if (seemsEmpty && (lastSeq <= core.place.seq || (await hasNothingAfter(jsm, names, core.place)))) {
    if (lastSeq > core.place.seq) core.moveTo({ seq: lastSeq, hash: undefined });
    core.inStep();
  }
  const messages = await consumer.consume({
    max_messages: 500,
    expires: 10_000,
    idle_heartbeat: heartbeatMs,
    abort_on_missing_resource: true,
  });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop);
  const watching = watch(messages, core);
  try {
    // Stopping takes effect in the loop below, also when it was aborted before.
    if (signal.aborted) stop();
    for await (const message of messages) {
      const event = decodeDelivered(names, message);
      if (event === undefined) core.moveTo({ seq: message.seq, hash: undefined });
      else await core.apply(event);
      if (message.info.pending === 0) core.inStep();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
    await watching;
  }
}

function placeOf<State>({ place: { seq, hash } }: ReplicaCore<State>): AppliedPlace {
  return { seq, isSame: (event) => hash === undefined || hash === '' || event.hash === hash };
}

/** Heartbeats come only when there is nothing to deliver; anything else that the consumer reports ends the session. */
async function watch<State>(messages: ConsumerMessages, core: ReplicaCore<State>): Promise<void> {
  for await (const notice of messages.status()) {
    if (notice.type === 'heartbeat') {
      if (notice.lastStreamSequence <= core.place.seq) core.inStep();
    } else if (endsSession(notice)) {
      messages.stop();
    }
  }
}

/** What was erased is nothing. */
async function hasNothingAfter(jsm: JetStreamManager, names: HistoryNames, place: StreamPlace): Promise<boolean> {
  const last = await jsm.streams.getMessage(names.stream, { last_by_subj: familySubjects(names) });
  return last === null || last.seq <= place.seq;
}
