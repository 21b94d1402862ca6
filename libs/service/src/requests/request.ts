// Asks another app one question over NATS and waits for one JSON answer.
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import { abortable } from '../deadline.ts';
import { answered, type Answer } from './answer.ts';
import { RequestFailedError, requestError } from './errors.ts';
import { headersOf, parseBody, refusalIn, wire } from './wire.ts';

export interface RequestOptions<Schema extends z.ZodType> {
  readonly timeoutMs: number;
  /** Of the answer's value. */
  readonly schema: Schema;
  /** Ends the waiting; the other app may go on until `timeoutMs`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks and waits. A refusal by the other app is a value.
 * @throws ServiceUnavailableError at once when nobody serves the subject, RequestTimeoutError, RequestFailedError, or the
 * signal's reason.
 */
export async function request<Schema extends z.ZodType>(
  nc: NatsConnection,
  subject: string,
  payload: unknown,
  options: RequestOptions<Schema>,
): Promise<Answer<z.output<Schema>>> {
  const { timeoutMs, schema, signal } = options;
  signal?.throwIfAborted();
  const asked = ask(nc, subject, payload, timeoutMs);
  const reply = await (signal === undefined ? asked : abortable(asked, signal));
  const refusal = refusalIn(reply);
  if (refusal !== undefined) return refusal;
  const body = parseBody(reply, schema);
  if ('problem' in body) throw new RequestFailedError(`the answer on ${subject} is malformed: ${body.problem}`);
  return answered(body.value);
}

async function ask(nc: NatsConnection, subject: string, payload: unknown, timeoutMs: number): Promise<Msg> {
  try {
    return await nc.request(subject, JSON.stringify(payload ?? null), {
      timeout: timeoutMs,
      headers: headersOf({ [wire.timeoutMs]: timeoutMs }),
    });
  } catch (error) {
    throw requestError(error, subject);
  }
}
