// Announces over core NATS how far this process has read, listens to the others, and lets a change wait for them.
// What may be concluded from announcements is in leases.ts.
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import type { Replica } from '@pods/event-store';
import type { Clock, Logger, Need } from '@pods/service';
import { z } from 'zod';
import type { Leases } from './leases.ts';
import { createLeases } from './leases.ts';

export interface FreshnessOptions {
  readonly nc: Pick<NatsConnection, 'publish' | 'subscribe' | 'isClosed'>;
  readonly subject: string;
  /** Unlike that of any other process, past ones included. */
  readonly instance: string;
  readonly replica: Pick<Replica<unknown>, 'appliedSeq' | 'subscribe' | 'whenApplied' | 'caughtUp' | 'failure'>;
  /** The last sequence of the stream, as its leader has it. */
  readonly lastSeq: () => Promise<number>;
  readonly leaseMs: number;
  /** Must be monotonic. */
  readonly clock: Clock;
  readonly need: Need;
  readonly log: Logger;
}

export interface Freshness {
  /** Whether what the replica shows is known to be current: only then may changes be decided on it. */
  readonly isCurrent: () => boolean;
  /** Whether pods may be shown. */
  readonly mayShow: () => boolean;
  /** Resolves when every process that shows pods has applied `seq`, at the latest after one lease. */
  readonly whenAllShow: (seq: number) => Promise<void>;
  /** Tells the others and ends. */
  readonly stop: () => Promise<void>;
}

const announcementSchema = z.object({
  instance: z.string(),
  seq: z.int().min(0),
  sentAt: z.number(),
  leaving: z.boolean(),
});

/** Starts announcing once the replica has caught up. */
export function startFreshness(options: FreshnessOptions): Freshness {
  const { nc, subject, instance, replica, leaseMs, clock, need, log } = options;
  const leases = createLeases({ instance, leaseMs });
  const waiting = new Set<() => void>();
  let stopped = false;
  let announcePlanned = false;
  let cancelBeat: (() => void) | undefined;

  const announce = (leaving = false): void => {
    if (nc.isClosed()) return;
    nc.publish(subject, JSON.stringify({ instance, seq: replica.appliedSeq, sentAt: clock.now(), leaving }));
  };
  const join = createJoin(options, leases);
  // The replica may move on without an event to tell of.
  const ask = (question: 'isCurrent' | 'mayShow'): boolean => {
    leases.applied(replica.appliedSeq);
    return replica.failure === undefined && leases[question](clock.now());
  };
  const beat = (): void => {
    announce();
    join();
    need.set(ask('isCurrent'), 'no current lease to show pods');
    cancelBeat = clock.setTimer(leaseMs / 4, beat);
  };

  const onMessage = (error: Error | null, message: Msg): void => {
    const announcement = error === null ? parseAnnouncement(message) : undefined;
    if (announcement === undefined) return;
    leases.heard(announcement, clock.now());
    if (announcement.instance === instance) join();
    for (const check of waiting) check();
  };
  const subscription = nc.subscribe(subject, { callback: onMessage });

  // Events come in bursts: one announcement for all that are applied in a turn.
  const unsubscribe = replica.subscribe(() => {
    leases.applied(replica.appliedSeq);
    if (announcePlanned || stopped || !leases.hasOthers(clock.now())) return;
    announcePlanned = true;
    setImmediate(() => {
      announcePlanned = false;
      if (!stopped) announce();
    });
  });

  replica.caughtUp.then(
    () => {
      leases.applied(replica.appliedSeq);
      if (!stopped) beat();
    },
    (err: unknown) => log.error({ err }, 'the replica failed: this process shows no pods'),
  );

  return {
    isCurrent: () => ask('isCurrent'),
    mayShow: () => ask('mayShow'),
    whenAllShow: (seq) => waitForAll({ leases, clock, leaseMs, waiting }, seq),
    stop: async () => {
      stopped = true;
      cancelBeat?.();
      unsubscribe();
      announce(true);
      if (!nc.isClosed()) subscription.unsubscribe();
    },
  };
}

/** Makes a new lease count as soon as everything that stood in the stream after it began is applied. */
function createJoin({ lastSeq, replica, leaseMs, clock, log }: FreshnessOptions, leases: Leases): () => void {
  let joinedTerm = 0;
  let isJoining = false;
  const join = async (term: number): Promise<void> => {
    try {
      const seq = await lastSeq();
      await replica.whenApplied(seq, { deadlineMs: leaseMs });
      leases.applied(replica.appliedSeq);
      leases.joined(term);
      joinedTerm = term;
    } catch (err) {
      log.warn({ err, component: 'freshness' }, 'cannot catch up with the log yet, trying again');
    }
  };
  return () => {
    const term = leases.term(clock.now());
    if (term === 0 || term === joinedTerm || isJoining) return;
    isJoining = true;
    void join(term).finally(() => {
      isJoining = false;
    });
  };
}

interface Waiting {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly waiting: Set<() => void>;
}

function waitForAll({ leases, clock, leaseMs, waiting }: Waiting, seq: number): Promise<void> {
  const deadline = clock.now() + leaseMs;
  const { promise, resolve } = Promise.withResolvers<void>();
  let cancelTimer: (() => void) | undefined;
  const check = (): void => {
    cancelTimer?.();
    const until = leases.waitsUntil(seq, clock.now());
    if (until !== undefined && clock.now() < deadline) {
      cancelTimer = clock.setTimer(Math.max(1, Math.min(until, deadline) - clock.now()), check);
      return;
    }
    waiting.delete(check);
    resolve();
  };
  waiting.add(check);
  check();
  return promise;
}

function parseAnnouncement(message: Msg): z.infer<typeof announcementSchema> | undefined {
  try {
    return announcementSchema.safeParse(message.json()).data;
  } catch {
    return undefined;
  }
}
