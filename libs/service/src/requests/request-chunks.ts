// Asks another app for bytes that come in several messages: checks their order and end, and holds the sender back while
// the parts are not taken.
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { answered, type Answer, type Refusal } from './answer.ts';
import { RequestFailedError, RequestTimeoutError, ServiceUnavailableError } from './errors.ts';
import { PartInbox } from './part-inbox.ts';
import { headersOf, numberIn, refusalIn, wire } from './wire.ts';

export interface RequestChunksOptions {
  /** Where parts come to: `inboxPrefix(app)` of the asking app. */
  readonly inbox: string;
  /** Longest wait for the first part, and for each next one. */
  readonly timeoutMs: number;
  /** Longest time for everything. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks, and answers when the first part is there. A refusal by the other app is a value. The bytes must be iterated; leaving
 * the loop early tells the sender to stop. While iterating it throws what this function throws.
 * @throws ServiceUnavailableError at once when nobody serves the subject, RequestTimeoutError, RequestFailedError (also when
 * the sender fails half way), or the signal's reason.
 */
export async function requestChunks(
  nc: NatsConnection,
  subject: string,
  payload: unknown,
  options: RequestChunksOptions,
): Promise<Answer<AsyncIterable<Uint8Array>>> {
  const { signal, timeoutMs, deadlineMs } = options;
  signal?.throwIfAborted();
  const endsAtMs = performance.now() + deadlineMs;
  const inbox = new PartInbox(nc.subscribe(createInbox(options.inbox)), subject);
  const next: NextMessage = async () => {
    const restMs = Math.min(timeoutMs, endsAtMs - performance.now());
    if (restMs <= 0) throw new RequestTimeoutError(`the answer on ${subject} takes too long`);
    return inbox.next(restMs, signal);
  };
  try {
    nc.publish(subject, JSON.stringify(payload ?? null), {
      reply: inbox.address,
      headers: headersOf({ [wire.timeoutMs]: deadlineMs }),
    });
    const first = await next();
    const refusal = refusalIn(first);
    if (refusal === undefined) return answered(bytesOf(first, next, inbox));
    inbox.leave();
    return refusal;
  } catch (error) {
    inbox.leave();
    throw error;
  }
}

/** Joins the parts. @throws RangeError when there are more bytes than `sizeBytesMax`. */
export async function collectBytes(parts: AsyncIterable<Uint8Array>, sizeBytesMax: number): Promise<Uint8Array> {
  const collected: Uint8Array[] = [];
  let size = 0;
  for await (const part of parts) {
    size += part.length;
    if (size > sizeBytesMax) throw new RangeError(`the answer is larger than ${sizeBytesMax} bytes`);
    collected.push(part);
  }
  return Buffer.concat(collected);
}

type NextMessage = () => Promise<Msg>;

async function* bytesOf(first: Msg, next: NextMessage, inbox: PartInbox): AsyncGenerator<Uint8Array, void, void> {
  try {
    let message = first;
    for (let number = 1; !isEnd(message, number - 1); number += 1) {
      yield bytesIn(message, number);
      message = await next();
    }
  } finally {
    inbox.leave();
  }
}

function isEnd(message: Msg, count: number): boolean {
  const end = numberIn(message, wire.end);
  if (end !== undefined && end !== count) throw broken(`${end} parts were sent and ${count} came`);
  return end !== undefined;
}

function bytesIn(message: Msg, number: number): Uint8Array {
  const refused = refusalIn(message);
  if (refused !== undefined) throw gaveUp(refused.refusal);
  if (numberIn(message, wire.part) !== number) throw broken(`part ${number} is missing`);
  return message.data;
}

function gaveUp(refusal: Refusal): Error {
  const message = `the sender gave up half way: ${refusal.code}`;
  return refusal.retryable ? new ServiceUnavailableError(message) : new RequestFailedError(message);
}

function broken(what: string): RequestFailedError {
  return new RequestFailedError(`the long answer is broken: ${what}`);
}
