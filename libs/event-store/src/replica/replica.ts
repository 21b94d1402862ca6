// What a replica is: the folds of all live objects of a family, in memory, following the log. The port that apps
// see; how events reach it is its maker's business.
import type { Folded } from '../aggregate.ts';
import type { HistoryKey, RecordedEvent, Version } from '../port.ts';

/** A key as one string, its tokens joined by dots; for pods the same as `podKeyToString`. */
export type KeyString = string;

/**
 * Called after an event was applied, in the order of the log; `folded` is undefined when the object is gone.
 * Must not throw; what it starts must read the replica again.
 */
export type ReplicaListener<State> = (key: KeyString, folded: Folded<State> | undefined, event: RecordedEvent) => void;

export interface Replica<State> {
  /** The fold of an object; undefined when it is gone, or not there yet: then the log knows. */
  readonly get: (key: HistoryKey | KeyString) => Folded<State> | undefined;
  readonly entries: () => IterableIterator<[KeyString, Folded<State>]>;
  readonly size: number;
  /** Every event up to this sequence of the stream is applied. */
  readonly appliedSeq: number;
  /** Resolves when everything that was in the stream at the start is applied; rejects when the replica fails. */
  readonly caughtUp: Promise<void>;
  readonly isCaughtUp: boolean;
  /** What the snapshot held that it started from. */
  readonly startedFrom: ReplicaStart;
  /** Set when the replica has stopped for good: the log is not the one that it followed. */
  readonly failure: ReplicaFailedError | undefined;
  /** When the replica was last known to hold all that is in the stream. */
  readonly lastContactAt: Date | undefined;
  /** Milliseconds since then; Infinity before the first time. */
  readonly lagMs: number;
  /** Returns a function that ends it. */
  readonly subscribe: (listener: ReplicaListener<State>) => () => void;
  /** @throws ReplicaBehindError after the deadline, ReplicaFailedError */
  readonly whenApplied: (seq: number, wait: { readonly deadlineMs: number }) => Promise<void>;
  /**
   * The fold exactly at `version`, as soon as the replica has it; read from the log when the replica is past it. `seq` is the
   * sequence of that event, for callers that know it: it saves asking the log for it.
   * @throws ReplicaBehindError after the deadline, ReplicaFailedError, LogUnavailableError
   */
  readonly whenVersion: (
    key: HistoryKey,
    version: Version,
    wait: { readonly deadlineMs: number; readonly seq?: number | undefined },
  ) => Promise<Folded<State>>;
  /** Stops following. What is in memory stays readable. */
  readonly close: () => Promise<void>;
}

/** Where a replica started. */
export interface ReplicaStart {
  /** Everything up to this sequence came from the snapshot; 0 without one. */
  readonly seq: number;
  /** Objects that the snapshot still names as gone. */
  readonly gone: ReadonlyMap<KeyString, { readonly version: Version; readonly seq: number; readonly at: string }>;
}

/** The replica did not reach what was waited for in time. */
export class ReplicaBehindError extends Error {
  override readonly name = 'ReplicaBehindError';
  readonly code = 'replica_behind';
  readonly retryable = true;
}

/** The stream is not the one that was followed: it ends before, or reads otherwise at, a place already applied. */
export class ReplicaFailedError extends Error {
  override readonly name = 'ReplicaFailedError';
  readonly code = 'log_rewound';
  readonly retryable = false;
}

/** One string for a key. */
export function keyToString(key: HistoryKey | KeyString): KeyString {
  return typeof key === 'string' ? key : key.join('.');
}
