// Requests on a connection that comes and goes. The client drops what is sent while it reconnects, and lets a request
// wait for its whole timeout although the connection that would bring the answer is gone; both are avoided here.
import type { NatsConnection } from '@nats-io/nats-core';

/** There was no connection, so nothing was sent. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';
}

/** The connection was lost while a request waited. Whether the server took the request is not known. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

export interface ConnectionWatch {
  /** Resolves when there is a connection, or at `signal`, or when the connection is closed for good. */
  readonly whenConnected: (signal: AbortSignal) => Promise<void>;
  /** Aborts when the present connection is lost. */
  readonly untilLost: () => AbortSignal;
  /**
   * Sends as soon as there is a connection.
   * @throws NotConnectedError when there is none within `waitMs`, ConnectionLostError, and what `send` throws
   */
  readonly request: <Value>(waitMs: number, send: () => Promise<Value>) => Promise<Value>;
}

/** Watches a connection until it is closed. */
export function watchConnection(nc: NatsConnection): ConnectionWatch {
  let alive = new AbortController();
  let back = Promise.withResolvers<void>();
  back.resolve();
  const watch = async (): Promise<void> => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect' && !alive.signal.aborted) {
        back = Promise.withResolvers<void>();
        alive.abort();
      } else if (type === 'reconnect') {
        alive = new AbortController();
        back.resolve();
      }
    }
    alive.abort();
    back.resolve();
  };
  void watch();

  const whenConnected = async (signal: AbortSignal): Promise<void> => {
    await unlessAborted(back.promise, signal);
  };
  return {
    whenConnected,
    untilLost: () => alive.signal,
    request: async (waitMs, send) => {
      if (alive.signal.aborted) await whenConnected(AbortSignal.timeout(waitMs));
      const { signal } = alive;
      // On a connection that is closed for good the client itself says so.
      if (nc.isClosed()) return send();
      if (signal.aborted) throw new NotConnectedError('there is no connection to the server');
      const answer = await unlessAborted(send(), signal);
      if (answer === aborted) throw new ConnectionLostError('the connection was lost');
      return answer;
    },
  };
}

const aborted = Symbol('aborted');

/** Resolves with the mark when `signal` aborts first. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | typeof aborted> {
  const { promise: abortion, resolve } = Promise.withResolvers<typeof aborted>();
  const onAbort = (): void => resolve(aborted);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise, abortion]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
