// What an error of the NATS client means for a caller of the log.
import { JetStreamApiError } from '@nats-io/jetstream';
import {
  ClosedConnectionError,
  DrainingConnectionError,
  errors,
  InvalidArgumentError,
  RequestError,
} from '@nats-io/nats-core';

/** JetStream error codes of the append protocol (nats.md 1.5) and of the limits. */
export const jetstreamCodes = {
  wrongLastSequence: 10_071,
  wrongLastSequenceInFlight: 10_164,
  storeFailed: 10_077,
  messageTooLarge: 10_054,
  headersTooLarge: 10_097,
  insufficientStorage: 10_047,
  insufficientResources: 10_023,
  accountResourcesExceeded: 10_002,
} as const;

/** The JetStream error code, or undefined for any other trouble. */
export function apiCode(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

/** No request can succeed on this connection any more. */
export function isClosed(error: unknown): boolean {
  return causes(error).some((each) => each instanceof ClosedConnectionError || each instanceof DrainingConnectionError);
}

/** The server refuses the subject to this user: a fault of the set-up, not of the moment. */
export function isForbidden(error: unknown): boolean {
  return causes(error).some((each) => each instanceof errors.PermissionViolationError);
}

/** Nobody took the request: it had no effect. The client calls this "JetStream is not enabled" (nats.md 1.6). */
export function isNoResponders(error: unknown): boolean {
  return causes(error).some((each) => each instanceof RequestError && each.isNoResponders());
}

/** The client refused the request before sending it. */
export function isPayloadRefused(error: unknown): boolean {
  return causes(error).some((each) => each instanceof InvalidArgumentError && each.message.includes('max_payload'));
}

function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each !== undefined && chain.length < 8;) {
    chain.push(each);
    each = each instanceof Error ? each.cause : undefined;
  }
  return chain;
}
