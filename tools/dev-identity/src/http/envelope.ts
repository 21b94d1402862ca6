// The JSON envelope of all answers (clients.md section 6), always as exactly `application/json`.
import type { Context } from 'hono';
import { refusals, type Refusal } from '../refusals.ts';

const version = 'dev-1';

/** 200 with a result. */
export function ok(c: Context, result: unknown, message: string): Response {
  return c.json({ message, metadata: {}, result, status: 'success', version });
}

/** The refusal's own status, with a message that says what to do. */
export function refused(c: Context, refusal: Refusal): Response {
  const { status } = refusals[refusal.refused];
  return c.json({ message: messageOf(refusal), metadata: {}, result: null, status: 'error', version }, status);
}

/** 500, for what nobody expected. */
export function broken(c: Context): Response {
  const message = 'Something went wrong here; the log of dev-identity says what.';
  return c.json({ message, metadata: {}, result: null, status: 'error', version }, 500);
}

/** The message of a refusal for people. */
export function messageOf({ refused: code, detail }: Refusal): string {
  return detail === undefined ? refusals[code].message : `${refusals[code].message} ${detail}`;
}
