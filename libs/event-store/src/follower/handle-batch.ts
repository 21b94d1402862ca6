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
/** Deliveries after which an event is given up without trying it again: it seems to end the process. */
const deliveriesMax = 50;

/** Returns when all messages are settled, or `signal` ended it. */
export async function handleBatch(deps: BatchDeps, batch: readonly JsMsg[]): Promise<void> {
  const outcome = await untilDecided(deps, batch);
  if (outcome === 'ended') return;
  if (outcome.kind === 'done') {
    deps.settle(batch);
    return;
  }
  const [only, ...others] = batch;
  if (others.length > 0) for (const message of batch) await handleBatch(deps, [message]);
  else if (only !== undefined) await giveUp(deps, only, outcome);
}

type Decided = Exclude<Outcome, { readonly kind: 'retry' }>;

async function untilDecided(deps: BatchDeps, batch: readonly JsMsg[]): Promise<Decided | 'ended'> {
  const { names, signal, setWaiting, onTrouble } = deps;
  const events = batch.map((message) => decodeDelivered(names, message)).filter((event) => event !== undefined);
  if (events.length === 0) return { kind: 'done' };
  if (batch.some((message) => message.info.deliveryCount > deliveriesMax)) {
    return { kind: 'poison', code: 'too_many_deliveries', why: `delivered more than ${deliveriesMax} times` };
  }
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
      if (batch.length > 1 || failures === failuresMax) {
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
      deps.onTrouble('poison', error);
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
