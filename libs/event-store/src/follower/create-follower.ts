// Following a stream without a replica: a durable consumer whose events are handled in batches and acknowledged
// when the handler says so. Delivery is at least once, in order for one process; with several processes batches
// may overtake each other, so what a handler writes must be keyed by the event's own place.
import type { NatsConnection } from '@nats-io/nats-core';
import type { HistoryNames } from '../history-names.ts';
import { runSessions } from '../nats/sessions.ts';
import type { RecordedEvent } from '../port.ts';
import { feedOnce } from './feed.ts';
import type { BatchDeps, FollowerTrouble } from './handle-batch.ts';
import { handleBatch } from './handle-batch.ts';
import { createInbox } from './inbox.ts';
import type { Outcome } from './outcome.ts';
import { recordPoison } from './poison-records.ts';

export interface FollowerOptions {
  readonly nc: NatsConnection;
  readonly names: HistoryNames;
  /** Name of the durable consumer. Processes that share it share its events. */
  readonly durable: string;
  /** Where events go that cannot be handled: `poison.<app>.<stream>`. */
  readonly poisonSubject: string;
  /**
   * Handles events in stream order, all or none of them. An error with `retryable: true` is a wait; any other error
   * is tried again a few times, then the event that causes it is poison.
   */
  readonly handler: (events: readonly RecordedEvent[], signal: AbortSignal) => Promise<Outcome>;
  /**
   * Told of an event that is given up, before it is recorded and acknowledged; tried again until it succeeds. So that a
   * handler which keeps a position of its own can move it.
   */
  readonly passOver?: (seq: number) => Promise<void>;
  /** After how long without any process the server forgets the consumer, milliseconds; 14 days by default. */
  readonly forgetAfterMs?: number;
  /** Events of one batch; 100 by default. */
  readonly batchMax?: number;
  /** How long a batch that is not full waits for more, milliseconds; not at all by default. */
  readonly gatherMs?: number;
  /** Told of waits, errors and poison. */
  readonly onTrouble?: (what: FollowerTrouble, error: unknown) => void;
  readonly now?: () => Date;
}

export interface Follower {
  /** The newest event that this process handled or recorded as poison; 0 before the first. */
  readonly handledSeq: number;
  /** Events that the server has for this consumer beyond the newest that it delivered. */
  readonly pending: number;
  /** Why the handler waits at the moment. */
  readonly waiting: string | undefined;
  /** Finishes the batch in hand and ends. */
  readonly close: () => Promise<void>;
}

const dayMs = 86_400_000;

/** Starts following at once; what the consumer has not acknowledged comes first. */
export function createFollower(options: FollowerOptions): Follower {
  const { nc, names, durable, batchMax = 100, gatherMs = 0, onTrouble = () => {}, now = () => new Date() } = options;
  const { forgetAfterMs = 14 * dayMs } = options;
  const ending = new AbortController();
  const inbox = createInbox();
  let waiting: string | undefined;

  const deps: BatchDeps = {
    names,
    handler: options.handler,
    settle: inbox.settle,
    record: async ({ subject, seq }, code, why) => {
      await options.passOver?.(seq);
      const record = { consumer: durable, stream: names.stream, subject, seq, code, why, at: now().toISOString() };
      await recordPoison(nc, options.poisonSubject, record);
      onTrouble('poison', record);
    },
    setWaiting: (why) => {
      waiting = why;
    },
    onTrouble,
    signal: ending.signal,
  };
  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) await handleBatch(deps, await inbox.next(batchMax, gatherMs));
  };
  const feeding = runSessions({
    nc,
    signal: ending.signal,
    session: (signal, connection) =>
      feedOnce({ nc, stream: names.stream, durable, forgetAfterMs, batchMax, take: inbox.take, connection, signal }),
    onError: (error) => {
      onTrouble('feed', error);
      return 'again';
    },
  });
  const working = work();

  return {
    get handledSeq() {
      return inbox.settledSeq();
    },
    get pending() {
      return inbox.pending();
    },
    get waiting() {
      return waiting;
    },
    close: async () => {
      ending.abort();
      inbox.close();
      await Promise.all([feeding, working]);
      // So that another process need not wait until their time is over.
      if (!nc.isClosed()) inbox.giveBack();
    },
  };
}
