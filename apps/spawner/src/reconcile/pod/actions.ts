// What a plan consists of. Each action is safe to repeat.
import type { Cause, SpawnerCommand } from '@pods/domain-pods';
import type { OwnedKind, RunPart } from './kinds.ts';

export type Action =
  /** Writes a fact into the pod's history, or learns that it no longer holds. */
  | { readonly type: 'Record'; readonly command: SpawnerCommand }
  /** Creates one object of the open run; a Service that is recorded already gets its recorded address back. */
  | { readonly type: 'Create'; readonly part: RunPart; readonly address?: string }
  /** Makes an object of the open run what it should be, if it still is the object with this UID. */
  | { readonly type: 'Apply'; readonly part: 'service' | 'networkPolicy'; readonly uid: string }
  /** Records the objects that now exist; `podUid` and `address` are null where an action before this one makes them. */
  | { readonly type: 'RecordCreated'; readonly podUid: string | null; readonly address: string | null }
  | { readonly type: 'Delete'; readonly kind: OwnedKind; readonly name: string; readonly uid: string };

export interface Plan {
  /** In order; after one that does not succeed the rest is left for another pass. */
  readonly actions: readonly Action[];
  /** What the user should read while the platform waits; null for nothing. */
  readonly progress: string | null;
  /** When to look again without being woken; null when only a change can give something to do. */
  readonly lookAgain: { readonly afterMs: number; readonly reason: string } | null;
  /** Something that a person should know. */
  readonly alarm: 'orphans-refused' | null;
}

export interface SpawnPolicy {
  /** Failed attempts within one run after which it is given up. */
  readonly attemptsMax: number;
  /** Milliseconds before the second attempt, doubled for each further one. */
  readonly retry: Delays;
  /** Losses in a row after which a pod is given up. */
  readonly lossesMax: number;
  /** Milliseconds before a lost pod is started again, doubled for each loss in a row. */
  readonly lossRetry: Delays;
  /** Milliseconds that a teardown waits for the logs to be kept. */
  readonly logsWaitMs: number;
  /** Milliseconds after which a pass looks again at something that the cluster is doing. */
  readonly recheckMs: number;
}

export interface Delays {
  readonly minMs: number;
  readonly maxMs: number;
}

/** The delay after the n-th failure, from 1. */
export function delayMs(delays: Delays, failures: number): number {
  return Math.min(delays.maxMs, delays.minMs * 2 ** Math.max(failures - 1, 0));
}

/** A reason in Kubernetes' style with a sentence for people. */
export function cause(reason: string, message: string): Cause {
  return { reason, message };
}
