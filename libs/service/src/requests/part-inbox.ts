// Where the parts of one long answer arrive: one at a time, each with a receipt that asks for the next one or for no more.
// What a part must look like is checked by request-chunks.ts.
import type { Msg, Subscription } from '@nats-io/transport-node';
import { withDeadline } from '../deadline.ts';
import { requestError, unavailable } from './errors.ts';
import { headersOf, receiptTimeoutMs, saysNoResponders, wire } from './wire.ts';

export class PartInbox {
  readonly #subscription: Subscription;
  readonly #messages: AsyncIterator<Msg>;
  readonly #subject: string;
  /** Kept when waiting for it was given up: the message that it gets in the end must not be lost. */
  #pending: Promise<IteratorResult<Msg>> | undefined;
  #unreceipted: Msg | undefined;
  /** The sender sends no more by itself. */
  #over = false;

  /** @param subject of the question, for error texts. */
  constructor(subscription: Subscription, subject: string) {
    this.#subscription = subscription;
    this.#messages = subscription[Symbol.asyncIterator]();
    this.#subject = subject;
  }

  get address(): string {
    return this.#subscription.getSubject();
  }

  /** Asks for the next message by the receipt of the last one, and waits for it. */
  async next(ms: number, signal: AbortSignal | undefined): Promise<Msg> {
    signal?.throwIfAborted();
    this.#unreceipted?.respond();
    this.#unreceipted = undefined;
    try {
      const step = await withDeadline(ms, signal, async () => this.#arrival());
      if (step.done !== true && !saysNoResponders(step.value)) {
        this.#unreceipted = step.value;
        return step.value;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw requestError(error, this.#subject);
    }
    this.#over = true;
    throw unavailable(this.#subject);
  }

  /** Lets go. A part that is still on its way is told to stop, or its sender would wait for the receipt for long. */
  leave(): void {
    if (this.#unreceipted !== undefined) {
      tellToStop(this.#unreceipted);
      this.#over = true;
    }
    if (this.#over) this.#subscription.unsubscribe();
    else void this.#stopLatePart();
  }

  async #arrival(): Promise<IteratorResult<Msg>> {
    this.#pending ??= this.#messages.next();
    const step = await this.#pending;
    this.#pending = undefined;
    return step;
  }

  async #stopLatePart(): Promise<void> {
    try {
      const step = await withDeadline(receiptTimeoutMs, undefined, async () => this.#arrival());
      if (step.done !== true) tellToStop(step.value);
    } catch {
      // Nothing came. A part that comes even later finds nobody, and that ends its sender as well.
    }
    this.#subscription.unsubscribe();
  }
}

/** A message without a reply address, as the last one, needs no telling. */
function tellToStop(message: Msg): void {
  try {
    message.respond(undefined, { headers: headersOf({ [wire.stop]: 1 }) });
  } catch {
    // Without a connection the sender notices by itself that nobody takes the part.
  }
}
