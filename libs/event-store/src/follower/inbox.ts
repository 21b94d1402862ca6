// Messages that were delivered and are not settled yet: kept alive on the server until they are.
import type { JsMsg } from '@nats-io/jetstream';
import { ackWaitMs } from './feed.ts';

export interface Inbox {
  readonly take: (message: JsMsg) => void;
  /** The next messages in order, as soon as there is one. May be empty; always is when the inbox is closed. */
  readonly next: (max: number) => Promise<readonly JsMsg[]>;
  /** Acknowledges. */
  readonly settle: (messages: readonly JsMsg[]) => void;
  /** Messages in hand, and those that the server has beyond. */
  readonly pending: () => number;
  readonly settledSeq: () => number;
  /** Ends waiting; what is in hand goes back to the server when `giveBack` says so. */
  readonly close: () => void;
  readonly giveBack: () => void;
}

export function createInbox(): Inbox {
  const held = new Map<number, JsMsg>();
  let queue: readonly JsMsg[] = [];
  let arrived = Promise.withResolvers<void>();
  let pendingOnServer = 0;
  let settledSeq = 0;
  let closed = false;
  const keepAlive = setInterval(() => {
    for (const message of held.values()) message.working();
  }, ackWaitMs / 3);
  keepAlive.unref();
  return {
    take: (message) => {
      pendingOnServer = message.info.pending;
      // A delivery that comes again while the first one is in hand: acknowledging one settles both.
      if (held.has(message.seq)) return;
      held.set(message.seq, message);
      queue = [...queue, message];
      arrived.resolve();
    },
    next: async (max) => {
      if (queue.length === 0 && !closed) await arrived.promise;
      arrived = Promise.withResolvers<void>();
      const batch = queue.slice(0, max);
      queue = queue.slice(max);
      return closed ? [] : batch;
    },
    settle: (messages) => {
      for (const message of messages) {
        message.ack();
        held.delete(message.seq);
        settledSeq = Math.max(settledSeq, message.seq);
      }
    },
    pending: () => pendingOnServer + held.size,
    settledSeq: () => settledSeq,
    close: () => {
      closed = true;
      clearInterval(keepAlive);
      arrived.resolve();
    },
    giveBack: () => {
      for (const message of held.values()) message.nak();
      held.clear();
    },
  };
}
