// What becomes of a batch: handled, waited for, tried again, or taken apart until the one event is found that
// cannot be handled.
import type { JsMsg } from '@nats-io/jetstream';
import type { HistoryNames } from '../history-names.ts';
import { decodeDelivered } from '../nats/messages.ts';
import { pauseUnlessAborted } from '../nats/sessions.ts';
import type { RecordedEvent } from '../port.ts';
import type { Outcome } from './outcome.ts';
import { retryIn } from './outcome.ts';

export type FollowerTrouble = 'feed' | 'waiting' | 'handler' | 'poison';

export interface BatchDeps {
  readonly names: HistoryNames;
  readonly handler: (events: readonly RecordedEvent[], signal: AbortSignal) => Promise<Outcome>;
  readonly settle: (messages: readonly JsMsg[]) => void;
  /** Records an event that cannot be handled; throws when that is not possible now. */
  readonly record: (message: JsMsg, code: string, why: string) => Promise<void>;
  /** Called with the reason of a wait, and with undefined when it is over. */
  readonly setWaiting: (why: string | undefined) => void;
  readonly onTrouble: (what: FollowerTrouble, error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Tries of an event whose handler throws. */
const failuresMax = 5;

const undecodable = { code: 'undecodable', why: 'its subject is not that of an event' };

interface Delivered {
  readonly message: JsMsg;
  readonly event: RecordedEvent;
}

/**
 * Returns when all messages are settled, or `signal` ended it. How often a message was delivered says nothing about it:
 * whoever waits long, or ends while it waits, is given it again each time.
 */
export async function handleBatch(deps: BatchDeps, batch: readonly JsMsg[]): Promise<void> {
  const readable: Delivered[] = [];
  for (const message of batch) {
    const event = decodeDelivered(deps.names, message);
    if (event === undefined) await giveUp(deps, message, undecodable);
    else readable.push({ message, event });
  }
  await handleReadable(deps, readable);
}

async function handleReadable(deps: BatchDeps, batch: readonly Delivered[]): Promise<void> {
  const [only, ...others] = batch;
  if (only === undefined) return;
  const outcome = await untilDecided(
    deps,
    batch.map(({ event }) => event),
  );
  if (outcome === 'ended') return;
  if (outcome.kind === 'done') deps.settle(batch.map(({ message }) => message));
  else if (others.length > 0) for (const one of batch) await handleReadable(deps, [one]);
  else await giveUp(deps, only.message, outcome);
}

type Decided = Exclude<Outcome, { readonly kind: 'retry' }>;

async function untilDecided(deps: BatchDeps, events: readonly RecordedEvent[]): Promise<Decided | 'ended'> {
  const { signal, setWaiting, onTrouble } = deps;
  let failures = 0;
  while (!signal.aborted) {
    const outcome = await attempt(deps, events);
    setWaiting(outcome.kind === 'retry' ? outcome.why : undefined);
    if (outcome.kind === 'retry') {
      onTrouble('waiting', outcome.why);
      await pauseUnlessAborted(outcome.inMs, signal);
    } else if (outcome.kind === 'threw') {
      failures += 1;
      onTrouble('handler', outcome.error);
      if (events.length > 1 || failures === failuresMax) {
        return { kind: 'poison', code: 'handler_failed', why: describe(outcome.error) };
      }
      await pauseUnlessAborted(100 * 2 ** failures, signal);
    } else return outcome;
  }
  return 'ended';
}

async function attempt(
  { handler, signal }: BatchDeps,
  events: readonly RecordedEvent[],
): Promise<Outcome | { readonly kind: 'threw'; readonly error: unknown }> {
  try {
    return await handler(events, signal);
  } catch (error) {
    return isRetryable(error) ? retryIn(1000, describe(error)) : { kind: 'threw', error };
  }
}

async function giveUp(deps: BatchDeps, message: JsMsg, { code, why }: { code: string; why: string }): Promise<void> {
  while (!deps.signal.aborted) {
    try {
      await deps.record(message, code, why);
      deps.settle([message]);
      return;
    } catch (error) {
      deps.onTrouble(isRetryable(error) ? 'waiting' : 'poison', error);
      await pauseUnlessAborted(1000, deps.signal);
    }
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
