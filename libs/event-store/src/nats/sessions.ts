// Running something on a connection for as long as it is wanted: sessions, one after another, with pauses that grow
// while they fail.
import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';

export interface Sessions {
  readonly nc: NatsConnection;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /**
   * One session. Its signal also ends it when the connection was lost and is back: what the server kept for it may
   * be gone, and the client would take its time to notice.
   */
  readonly session: (signal: AbortSignal) => Promise<void>;
  /** Told of what a session threw; `stop` ends everything. */
  readonly onError: (error: unknown) => 'again' | 'stop';
}

/** A session that lasted so long was a good one. */
const stableMs = 5000;
/** How long to wait before the next session, by failures in a row. */
const pausesMs = [0, 50, 100, 250, 500, 1000, 2000];

/** Returns when `signal` or `onError` ended it, or the connection is closed. Never throws. */
export async function runSessions({ nc, signal, session, onError }: Sessions): Promise<void> {
  let current = new AbortController();
  const watchConnection = async (): Promise<void> => {
    for await (const status of nc.status()) {
      if (signal.aborted) return;
      if (status.type === 'reconnect') current.abort();
    }
  };
  void watchConnection();
  let failures = 0;
  while (!signal.aborted && !nc.isClosed()) {
    const startedAt = performance.now();
    current = new AbortController();
    try {
      await session(AbortSignal.any([current.signal, signal]));
    } catch (error) {
      if (onError(error) === 'stop') return;
    }
    failures = performance.now() - startedAt > stableMs ? 0 : failures + 1;
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
