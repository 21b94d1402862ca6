// Messages that were delivered and are not settled yet: kept alive on the server until they are.
import type { JsMsg } from '@nats-io/jetstream';
import { ackWaitMs } from './feed.ts';

export interface Inbox {
  readonly take: (message: JsMsg) => void;
  /** The next messages in order: all that come within `gatherMs` of the first, as many as `max`. None when it is closed. */
  readonly next: (max: number, gatherMs: number) => Promise<readonly JsMsg[]>;
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
  let wanted = { count: 1, ...Promise.withResolvers<void>() };
  let pendingOnServer = 0;
  let settledSeq = 0;
  let closed = false;
  const keepAlive = setInterval(() => {
    for (const message of held.values()) message.working();
  }, ackWaitMs / 3);
  keepAlive.unref();
  const untilQueued = async (count: number): Promise<void> => {
    if (queue.length >= count || closed) return;
    wanted = { count, ...Promise.withResolvers<void>() };
    await wanted.promise;
  };
  return {
    take: (message) => {
      pendingOnServer = message.info.pending;
      // A delivery that comes again while the first one is in hand: acknowledging one settles both.
      if (held.has(message.seq)) return;
      held.set(message.seq, message);
      queue = [...queue, message];
      if (queue.length >= wanted.count) wanted.resolve();
    },
    next: async (max, gatherMs) => {
      await untilQueued(1);
      if (gatherMs > 0) {
        const enough = untilQueued(max);
        const timer = setTimeout(wanted.resolve, gatherMs);
        await enough;
        clearTimeout(timer);
      }
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
      wanted.resolve();
    },
    giveBack: () => {
      for (const message of held.values()) message.nak();
      held.clear();
    },
  };
}
