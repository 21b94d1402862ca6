// A delay that ends early, by rejecting, when a signal aborts.
import { setTimeout as delay } from 'node:timers/promises';

/** @throws the signal's reason. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
