// What went wrong on NATS, in words for people. No I/O.
import { ServerTooOldError } from '../nats/compare-nats.ts';
import { StreamDiffersError, StreamRefusedError } from '../nats/provision-nats.ts';
import { connectionHint, isSystemError, Refusal } from './report.ts';

type Words = readonly [code: string, message: string];

const notLetIn: Words = ['nats_not_let_in', 'NATS does not let us in. Give the seed of user admin with --seed-file.'];
const notAllowed: Words = [
  'nats_not_allowed',
  'This NATS user may not create or see the streams. Give the seed of user admin with --seed-file.',
];
const noJetStream: Words = [
  'nats_no_jetstream',
  'This nats-server has no JetStream for us. Switch it on in its configuration.',
];

/** By the names of the client's errors; not all of their classes are exported. */
const wordsOf: ReadonlyMap<string, Words> = new Map([
  ['AuthorizationError', notLetIn],
  ['UserAuthenticationExpiredError', notLetIn],
  ['PermissionViolationError', notAllowed],
  ['JetStreamNotEnabled', noJetStream],
  ['LogFullError', ['log_full', 'The log is full. Raise the limit of its stream first.']],
]);

const silences: ReadonlySet<string> = new Set([
  'LogUnavailableError',
  'ConnectionError',
  'ClosedConnectionError',
  'TimeoutError',
]);

/** Undefined for what is a refusal already, and for what nobody expects. */
export function natsRefusalOf(error: unknown, servers: readonly string[]): Refusal | undefined {
  if (error instanceof Refusal) return undefined;
  if (error instanceof StreamDiffersError) {
    return new Refusal(error.code, error.message, { cause: error, details: { differences: error.differences } });
  }
  if (error instanceof ServerTooOldError || error instanceof StreamRefusedError) {
    return new Refusal(error.code, error.message, { cause: error });
  }
  const chain = causesOf(error);
  for (const { name } of chain) {
    const words = wordsOf.get(name);
    if (words !== undefined) return new Refusal(...words, { cause: error });
  }
  if (!chain.some((one) => silences.has(one.name) || isSystemError(one))) return undefined;
  const reason = chain.map(({ message }) => message).find((message) => message !== '') ?? 'no reason given';
  const message = `No answer from NATS at ${servers.join(', ')}: ${reason}. ${connectionHint}`;
  return new Refusal('nats_unreachable', message, { cause: error });
}

function causesOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
