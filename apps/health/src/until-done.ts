// Tries something that the start of the app needs until it works.
import type { Logger } from '@pods/service';
import { pause } from '@pods/service';

const retryMs = 1000;

/** @throws the signal's reason when it aborts first. */
export async function untilDone<Value>(
  what: string,
  attempt: () => Promise<Value>,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<Value> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (err) {
      log.warn({ component: what, err }, 'not available yet, trying again');
    }
    await pause(retryMs, signal);
  }
}
