// Trouble with the transport of questions between apps, typed. A refusal by the other app is no error: see answer.ts.
import { errors as nats } from '@nats-io/transport-node';
import { DeadlineError } from '../deadline.ts';

/** Nobody serves the subject now, or there is no connection: nothing was done. Answer 503 with Retry-After. */
export class ServiceUnavailableError extends Error {
  override readonly name = 'ServiceUnavailableError';
  readonly code = 'service_unavailable';
  readonly retryable = true;
}

/** No answer in time: whether anything was done is unknown. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError';
  readonly code = 'request_timeout';
  readonly retryable = true;
}

/** The answer makes no sense, or the question may not be asked: a bug or a missing permission. */
export class RequestFailedError extends Error {
  override readonly name = 'RequestFailedError';
  readonly code = 'request_failed';
  readonly retryable = false;
}

/** Gives what the client library threw one of the types above. */
export function requestError(cause: unknown, subject: string): Error {
  const inner = cause instanceof nats.RequestError && cause.cause !== undefined ? cause.cause : cause;
  if (inner instanceof nats.NoRespondersError) return unavailable(subject, cause);
  if (inner instanceof nats.ClosedConnectionError || inner instanceof nats.DrainingConnectionError) {
    return new ServiceUnavailableError('the connection to NATS is closed', { cause });
  }
  if (inner instanceof nats.TimeoutError || inner instanceof DeadlineError) {
    return new RequestTimeoutError(`no answer in time on ${subject}`, { cause });
  }
  return new RequestFailedError(`the question on ${subject} failed`, { cause });
}

export function unavailable(subject: string, cause?: unknown): ServiceUnavailableError {
  return new ServiceUnavailableError(`nobody answers on ${subject} now`, { cause });
}
