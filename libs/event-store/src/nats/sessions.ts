// Running something on a connection for as long as it is wanted: sessions, one after another, with pauses that grow
// while they fail.
import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ConnectionWatch } from './connection-watch.ts';
import { watchConnection } from './connection-watch.ts';

export interface Sessions {
  readonly nc: NatsConnection;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /**
   * One session. Its signal also ends it when the connection is lost: what the server kept for it may be gone, and the
   * client would take its time to notice.
   */
  readonly session: (signal: AbortSignal, connection: ConnectionWatch) => Promise<void>;
  /** Told of what a session threw; `stop` ends everything. */
  readonly onError: (error: unknown) => 'again' | 'stop';
}

/** A session that lasted so long was a good one. */
const stableMs = 5000;
/** How long to wait before the next session, by failures in a row. */
const pausesMs = [0, 50, 100, 250, 500, 1000, 2000];

/** Returns when `signal` or `onError` ended it, or the connection is closed. Never throws. */
export async function runSessions({ nc, signal, session, onError }: Sessions): Promise<void> {
  const connection = watchConnection(nc);
  let failures = 0;
  for (;;) {
    await connection.whenConnected(signal);
    if (signal.aborted || nc.isClosed()) return;
    const startedAt = performance.now();
    const lost = connection.untilLost();
    try {
      await session(AbortSignal.any([lost, signal]), connection);
    } catch (error) {
      if (onError(error) === 'stop') return;
    }
    // The client paces its reconnecting itself.
    const wasGood = lost.aborted || performance.now() - startedAt > stableMs;
    failures = wasGood ? 0 : failures + 1;
    await pauseUnlessAborted(pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 0, signal);
  }
}

/** Waits, but no longer than until `signal`. */
export async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Reports of the client that say nothing is wrong; after any other a session had better start anew. */
const harmlessNotices: ReadonlySet<string> = new Set(['heartbeat', 'next', 'debug', 'discard']);

/** Whether a consumer's notice means that the session should end. */
export function endsSession(notice: { readonly type: string }): boolean {
  return !harmlessNotices.has(notice.type);
}
