// Answers questions with bytes that do not fit into one message. Each part waits for the receipt of the one before, so a
// slow asker holds the source back and an asker that is gone ends it.
import { Empty, errors as nats, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import { abortable } from '../deadline.ts';
import { serve, type RequestServer, type ServeOptions } from './serve.ts';
import { headersOf, receiptTimeoutMs, wire } from './wire.ts';

const partBytesMax = 512 * 1024;
const headerBytesMax = 16 * 1024;

/**
 * Subscribes and answers until closed; `requestChunks` asks. The handler's bytes may come in pieces of any size; when the
 * asker goes away their iterator is returned. The server's user needs the right to publish many replies to one question
 * (`allow_responses` with a `max` above the number of parts).
 * @throws when the connection is closed or draining.
 */
export function serveChunks<Schema extends z.ZodType>(
  nc: NatsConnection,
  subject: string,
  options: ServeOptions<Schema, AsyncIterable<Uint8Array>>,
): RequestServer {
  const sizeMax = Math.min(partBytesMax, (nc.info?.max_payload ?? partBytesMax) - headerBytesMax);
  return serve(nc, subject, options, async (message, pieces, { signal }) => {
    let count = 0;
    for await (const part of split(pieces, sizeMax, signal)) {
      count += 1;
      if (!(await sendPart(nc, message, part, count))) return;
    }
    message.respond(Empty, { headers: headersOf({ [wire.end]: count }) });
  });
}

/** False when the asker wants no more. */
async function sendPart(nc: NatsConnection, message: Msg, part: Uint8Array, number: number): Promise<boolean> {
  if (message.reply === undefined) return false;
  try {
    const receipt = await nc.request(message.reply, part, {
      timeout: receiptTimeoutMs,
      headers: headersOf({ [wire.part]: number }),
    });
    return receipt.headers?.has(wire.stop) !== true;
  } catch (error) {
    if (error instanceof nats.TimeoutError) return false;
    if (error instanceof nats.RequestError && error.isNoResponders()) return false;
    throw error;
  }
}

/** Cuts pieces to size. Stops at the signal even while the source does not move. */
async function* split(
  pieces: AsyncIterable<Uint8Array>,
  sizeMax: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const source = pieces[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await abortable(source.next(), signal);
      if (step.done === true) return;
      for (let start = 0; start < step.value.length; start += sizeMax) {
        yield step.value.subarray(start, start + sizeMax);
      }
    }
  } finally {
    // Not awaited: a source that hangs would hang this too.
    source.return?.().catch(() => undefined);
  }
}
