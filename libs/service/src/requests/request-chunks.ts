// Asks another app for bytes that come in several messages: checks their order and end, and holds the sender back while
// the parts are not taken.
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { withDeadline } from '../deadline.ts';
import { answered, type Answer, type Refusal } from './answer.ts';
import {
  RequestFailedError,
  requestError,
  RequestTimeoutError,
  ServiceUnavailableError,
  unavailable,
} from './errors.ts';
import { headersOf, numberIn, refusalIn, saysNoResponders, wire } from './wire.ts';

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
  options.signal?.throwIfAborted();
  const parts = new Parts(nc.subscribe(createInbox(options.inbox)), subject, options);
  try {
    nc.publish(subject, JSON.stringify(payload ?? null), {
      reply: parts.inbox,
      headers: headersOf({ [wire.timeoutMs]: options.deadlineMs }),
    });
    const first = await parts.next();
    const refusal = refusalIn(first);
    if (refusal === undefined) return answered(parts.bytes(first));
    parts.close();
    return refusal;
  } catch (error) {
    parts.close();
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

class Parts {
  readonly #subscription: Subscription;
  readonly #messages: AsyncIterator<Msg>;
  readonly #subject: string;
  readonly #options: RequestChunksOptions;
  readonly #endsAtMs: number;

  constructor(subscription: Subscription, subject: string, options: RequestChunksOptions) {
    this.#subscription = subscription;
    this.#messages = subscription[Symbol.asyncIterator]();
    this.#subject = subject;
    this.#options = options;
    this.#endsAtMs = performance.now() + options.deadlineMs;
  }

  get inbox(): string {
    return this.#subscription.getSubject();
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  async next(): Promise<Msg> {
    const { timeoutMs, signal } = this.#options;
    const restMs = Math.min(timeoutMs, this.#endsAtMs - performance.now());
    if (restMs <= 0) throw new RequestTimeoutError(`the answer on ${this.#subject} takes too long`);
    const message = await this.#nextWithin(restMs, signal);
    if (saysNoResponders(message)) throw unavailable(this.#subject);
    return message;
  }

  async #nextWithin(ms: number, signal: AbortSignal | undefined): Promise<Msg> {
    try {
      const step = await withDeadline(ms, signal, async () => this.#messages.next());
      if (step.done !== true) return step.value;
    } catch (error) {
      signal?.throwIfAborted();
      throw requestError(error, this.#subject);
    }
    throw unavailable(this.#subject);
  }

  /** Gives each part's receipt when the next one is asked for. */
  async *bytes(first: Msg): AsyncGenerator<Uint8Array, void, void> {
    let unreceipted: Msg | undefined;
    try {
      let message = first;
      for (let number = 1; !this.#isEnd(message, number - 1); number += 1) {
        unreceipted = message;
        yield this.#partOf(message, number);
        message.respond();
        unreceipted = undefined;
        message = await this.next();
      }
    } finally {
      this.close();
      if (unreceipted !== undefined) tellToStop(unreceipted);
    }
  }

  #isEnd(message: Msg, count: number): boolean {
    const end = numberIn(message, wire.end);
    if (end !== undefined && end !== count) throw this.#failed(`${end} parts were sent and ${count} came`);
    return end !== undefined;
  }

  #partOf(message: Msg, number: number): Uint8Array {
    const refusal = refusalIn(message);
    if (refusal !== undefined) throw this.#gaveUp(refusal.refusal);
    if (numberIn(message, wire.part) !== number) throw this.#failed(`part ${number} is missing`);
    return message.data;
  }

  #gaveUp(refusal: Refusal): Error {
    const message = `the sender on ${this.#subject} gave up: ${refusal.code}`;
    return refusal.retryable ? new ServiceUnavailableError(message) : new RequestFailedError(message);
  }

  #failed(what: string): RequestFailedError {
    return new RequestFailedError(`the answer on ${this.#subject} is broken: ${what}`);
  }
}

function tellToStop(part: Msg): void {
  try {
    part.respond(undefined, { headers: headersOf({ [wire.stop]: 1 }) });
  } catch {
    // Without a connection the sender notices by itself that nobody takes the part.
  }
}
