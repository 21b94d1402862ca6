// Keeps the queryable copy of the log in Postgres up to date, with a follower of its own: when Postgres is away the copy
// waits and nothing else does (architecture.md section 5).
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Topology } from '@pods/contracts';
import type { EventLog, Follower } from '@pods/event-store';
import { createFollower, done, podHistories } from '@pods/event-store';
import type { Checkpoint, PodEventCopy } from '@pods/read-store';
import type { Logger, Metrics } from '@pods/service';
import { pause } from '@pods/service';

export interface LogCopyOptions {
  readonly nc: NatsConnection;
  readonly names: Topology;
  readonly copy: PodEventCopy;
  readonly log: Pick<EventLog, 'usage'>;
  readonly logger: Logger;
  readonly metrics: LogCopyMetrics;
  readonly signal: AbortSignal;
}

export interface LogCopyMetrics {
  readonly copied: (events: number) => void;
  readonly state: (state: { readonly waiting: boolean; readonly pending: number }) => void;
}

/** Call once per app. */
export function createLogCopyMetrics(metrics: Metrics): LogCopyMetrics {
  const events = metrics.counter('log_copy_events_total', 'Events that this process wrote to the copy of the log');
  const waits = metrics.gauge('log_copy_waiting', '1 while the copy of the log waits for its database');
  const pending = metrics.gauge('log_copy_pending_events', 'Events of the log that the copy does not have yet');
  return {
    copied: (count) => events.inc(count),
    state: (state) => {
      waits.set(state.waiting ? 1 : 0);
      pending.set(state.pending);
    },
  };
}

const retryMs = 2000;
/** A transaction for every event would cost those who wait for the next one more than the copy is worth; nobody waits for it. */
const gatherMs = 100;

/** Runs until the signal aborts; resolves when the batch in hand is finished. */
export async function runLogCopy(options: LogCopyOptions): Promise<void> {
  const { nc, logger, metrics, signal } = options;
  const durable = await untilKnown(options);
  if (durable === undefined) return;
  const follower: Follower = createFollower({
    nc,
    names: podHistories(options.names),
    durable,
    poisonSubject: options.names.subjects.poison('api', options.names.streams.podEvents),
    gatherMs,
    handler: async (events) => {
      await options.copy.record(events);
      metrics.copied(events.length);
      metrics.state({ waiting: false, pending: follower.pending });
      return done;
    },
    passOver: options.copy.passOver,
    onTrouble: (what, error) => {
      metrics.state({ waiting: what === 'waiting', pending: follower.pending });
      const fields = {
        component: 'log-copy',
        reason: what,
        ...(error instanceof Error ? { err: error } : { detail: { error } }),
      };
      if (what === 'poison') logger.error(fields, 'an event could not be copied');
      else logger.warn(fields, 'the copy of the log waits');
    },
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await follower.close();
}

/** Asks the database for the identity of the copy, for as long as it takes. */
async function untilKnown(options: LogCopyOptions): Promise<string | undefined> {
  const { logger, metrics, signal } = options;
  while (!signal.aborted) {
    try {
      return await durableOf(options);
    } catch (err) {
      metrics.state({ waiting: true, pending: 0 });
      logger.warn({ err, component: 'log-copy' }, 'the copy of the log waits');
      await pause(retryMs, signal).catch(() => undefined);
    }
  }
  return undefined;
}

/**
 * Name of the consumer: that of the copy, so that an empty database is filled from the beginning. A copy that lacks what
 * its consumer has acknowledged was put back from an older state: it is filled again.
 */
async function durableOf({ nc, names, copy, log, logger }: LogCopyOptions): Promise<string> {
  const checkpoint = await copy.checkpoint();
  const { lastSeq } = await log.usage();
  if (checkpoint.seq > lastSeq) {
    const fields = { component: 'log-copy', seq: lastSeq, detail: { copiedSeq: checkpoint.seq } };
    logger.error(fields, 'the log ends before its copy: events were lost, rebuild the log from the copy');
  }
  const acknowledgedSeq = await acknowledged(nc, names.streams.podEvents, durableName(names, checkpoint));
  // Read after that: another process may have copied and acknowledged something in between.
  const { seq } = await copy.checkpoint();
  if (acknowledgedSeq <= seq) return durableName(names, checkpoint);
  const fields = { component: 'log-copy', seq, detail: { acknowledgedSeq } };
  logger.warn(fields, 'the copy of the log lacks events that it had: it is filled again from the beginning');
  return durableName(names, { ...checkpoint, generation: await copy.raiseGeneration(checkpoint.generation) });
}

function durableName({ prefix }: Topology, { copyId, generation }: Pick<Checkpoint, 'copyId' | 'generation'>): string {
  return `${prefix === '' ? '' : `${prefix}_`}copy_${copyId}_${generation}`;
}

/** The sequence up to which everything was acknowledged; 0 for a consumer that is not there yet. */
async function acknowledged(nc: NatsConnection, stream: string, durable: string): Promise<number> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  try {
    const info = await manager.consumers.info(stream, durable);
    return info.ack_floor.stream_seq;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return 0;
    throw error;
  }
}
