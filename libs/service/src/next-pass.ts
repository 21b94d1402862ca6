// When a key runs again after a pass. Pure.
import { backoffMs, type Backoff } from './backoff.ts';
import type { Outcome } from './keyed-queue.ts';

/** What the queue knows when a pass has ended. */
export interface EndedPass {
  readonly outcome: Outcome;
  /** The key was woken while the pass ran. */
  readonly wokenMeanwhile: boolean;
  /** Retries in a row before this pass. */
  readonly retriesBefore: number;
  /** From 0 up to 1. */
  readonly random: number;
}

export interface NextPass {
  /** Retries in a row, this pass included. */
  readonly retries: number;
  /** No wake-up brings the next pass nearer than this. */
  readonly floorMs: number;
  /** Undefined: none until somebody wakes the key. */
  readonly delayMs: number | undefined;
}

/** A wake-up during the pass makes the next one due at once, after a retry at the floor. */
export function nextPass(backoff: Backoff, pass: EndedPass): NextPass {
  const { outcome, wokenMeanwhile, retriesBefore, random } = pass;
  switch (outcome.kind) {
    case 'done':
      return { retries: 0, floorMs: 0, delayMs: wokenMeanwhile ? 0 : undefined };
    case 'wait':
      return { retries: 0, floorMs: 0, delayMs: wokenMeanwhile ? 0 : Math.max(outcome.afterMs, 0) };
    case 'retry': {
      const retries = retriesBefore + 1;
      const floorMs = backoff.minMs;
      return { retries, floorMs, delayMs: wokenMeanwhile ? floorMs : backoffMs(backoff, retries, random) };
    }
  }
}
