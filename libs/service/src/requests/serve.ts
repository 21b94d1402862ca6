// The common part of answering questions on a subject: who may run, until when, and what becomes of trouble.
// How an answer is sent is told by the caller.
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import { DeadlineError, withDeadline } from '../deadline.ts';
import type { Logger } from '../logger.ts';
import type { Answer, Refusal } from './answer.ts';
import { numberIn, parseBody, refusalHeaders, wire } from './wire.ts';

/** About one question. */
export interface Call {
  /** Aborts at the deadline: the server's own, or the asker's when that is earlier. */
  readonly signal: AbortSignal;
}

export interface ServeOptions<Schema extends z.ZodType, Value> {
  /** Queue group: each question goes to one member. Undefined: every subscriber gets it. */
  readonly queue: string | undefined;
  readonly schema: Schema;
  /**
   * Answers one question. Repeating a question must be harmless. What it throws is logged and answered with a general
   * text; an error whose `retryable` is true tells the asker to try again.
   */
  readonly handler: (payload: z.output<Schema>, call: Call) => Promise<Answer<Value>>;
  /** Longest work on one question, the sending of its answer included. */
  readonly deadlineMs: number;
  readonly log: Logger;
  /** Questions at the same time, 64 by default; more are refused at once with `busy`. */
  readonly concurrency?: number;
}

export interface RequestServer {
  /** Takes no new questions and resolves when those in work are answered. */
  readonly close: () => Promise<void>;
}

/** Sends one answer; what it throws becomes a refusal. */
export type Send<Value> = (message: Msg, value: Value, call: Call) => Promise<void>;

/** Subscribes and answers until closed. @throws when the connection is closed or draining. */
export function serve<Schema extends z.ZodType, Value>(
  nc: NatsConnection,
  subject: string,
  options: ServeOptions<Schema, Value>,
  send: Send<Value>,
): RequestServer {
  const { queue, log, concurrency = 64 } = options;
  const inWork = new Set<Promise<void>>();
  const take = async (message: Msg): Promise<void> => {
    const work = answer(message, options, send);
    inWork.add(work);
    await work;
    inWork.delete(work);
  };
  const subscription = nc.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (err, message) => {
      if (err !== null) log.error({ err, subject }, 'cannot listen for questions');
      else if (inWork.size >= concurrency) refuse(message, busy);
      else void take(message);
    },
  });
  return {
    close: async () => {
      if (!subscription.isClosed()) await subscription.drain();
      await Promise.all(inWork);
    },
  };
}

/** Never rejects: whatever happens becomes an answer and a log line. */
async function answer<Schema extends z.ZodType, Value>(
  message: Msg,
  options: ServeOptions<Schema, Value>,
  send: Send<Value>,
): Promise<void> {
  const { log, schema, handler } = options;
  const body = parseBody(message, schema);
  if ('problem' in body) {
    refuse(message, { code: 'bad_request', message: body.problem, retryable: false });
    return;
  }
  const deadlineMs = Math.min(options.deadlineMs, numberIn(message, wire.timeoutMs) ?? Infinity);
  try {
    await withDeadline(deadlineMs, undefined, async (signal) => {
      const result = await handler(body.value, { signal });
      if (signal.aborted) return;
      if (result.ok) await send(message, result.value, { signal });
      else refuse(message, result.refusal);
    });
  } catch (err) {
    const refusal = apology(err);
    log.error({ err, subject: message.subject, code: refusal.code }, 'a question was not answered');
    refuse(message, refusal);
  }
}

const busy: Refusal = {
  code: 'busy',
  message: 'The service has too much to do. Try again in a moment.',
  retryable: true,
};

function apology(error: unknown): Refusal {
  if (error instanceof DeadlineError) {
    return { code: 'deadline', message: 'The service did not answer in time. Try again.', retryable: true };
  }
  return error instanceof Error && 'retryable' in error && error.retryable === true
    ? { code: 'unavailable', message: 'The service cannot answer now. Try again in a moment.', retryable: true }
    : { code: 'internal', message: 'The service failed to answer. Its log says why.', retryable: false };
}

/** Sending fails only when the connection is closed: then nobody can be told. */
function refuse(message: Msg, refusal: Refusal): void {
  try {
    message.respond(undefined, { headers: refusalHeaders(refusal) });
  } catch {
    // The asker learns it from its own timeout.
  }
}
