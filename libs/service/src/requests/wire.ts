// How questions and answers between apps look on NATS: JSON bodies, everything else in headers.
import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import type { z } from 'zod';
import { refused, type Refusal, type Refused } from './answer.ts';

/** Header names. */
export const wire = {
  /** On a question: how long the asker waits, in milliseconds, so that nobody works on after that. */
  timeoutMs: 'Pods-Timeout-Ms',
  errorCode: 'Pods-Error-Code',
  errorMessage: 'Pods-Error-Message',
  errorRetryable: 'Pods-Error-Retryable',
  /** On a part of a long answer: its number, from 1. */
  part: 'Pods-Part',
  /** On the message after the last part: how many there were. */
  end: 'Pods-End',
  /** On the receipt for a part: send no more. */
  stop: 'Pods-Stop',
} as const;

/** Longest wait for the receipt of a part: an asker that takes no part for so long is taken for gone. */
export const receiptTimeoutMs = 10_000;

export function headersOf(values: Readonly<Record<string, string | number>>): MsgHdrs {
  const result = headers();
  for (const [name, value] of Object.entries(values)) result.set(name, String(value));
  return result;
}

/** A number from a header; undefined when it is missing or none. */
export function numberIn(message: Msg, name: string): number | undefined {
  const text = message.headers?.get(name) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function refusalHeaders(refusal: Refusal): MsgHdrs {
  return headersOf({
    [wire.errorCode]: refusal.code,
    // A line break would end the header.
    [wire.errorMessage]: refusal.message.replaceAll(/[\r\n]+/g, ' '),
    [wire.errorRetryable]: String(refusal.retryable),
  });
}

/** The refusal that a message carries, if it carries one. */
export function refusalIn(message: Msg): Refused | undefined {
  const code = message.headers?.get(wire.errorCode) ?? '';
  if (code === '') return undefined;
  return refused(
    code,
    message.headers?.get(wire.errorMessage) ?? '',
    message.headers?.get(wire.errorRetryable) === 'true',
  );
}

/** What the server sends instead of an answer when nobody subscribes to the subject. */
export function saysNoResponders(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}

/** Reads a JSON body; the problem names fields and rules, never values. */
export function parseBody<Schema extends z.ZodType>(
  message: Msg,
  schema: Schema,
): { readonly value: z.output<Schema> } | { readonly problem: string } {
  let body: unknown;
  try {
    body = JSON.parse(message.string());
  } catch {
    return { problem: 'the body is not JSON' };
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return { value: parsed.data };
  return {
    problem: parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`).join('; '),
  };
}
