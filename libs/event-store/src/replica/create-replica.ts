// A replica on JetStream: loads the snapshot bucket, then follows the stream until it is closed.
import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import type { HistoryNames } from '../history-names.ts';
import { loadFromLog } from '../load.ts';
import { mapLimited } from '../nats/retry.ts';
import type { Folded } from '../aggregate.ts';
import type { EventLog } from '../port.ts';
import { isRecord } from '../wire.ts';
import { followOnce } from './follow.ts';
import type { ReplicaAggregate, ReplicaCore } from './replica-core.ts';
import { createReplicaCore } from './replica-core.ts';
import type { KeyString, Replica, ReplicaListener } from './replica.ts';
import { ReplicaFailedError } from './replica.ts';
import type { SnapshotPlace } from './snapshot-format.ts';
import { loadSnapshot } from './snapshot-load.ts';

export interface ReplicaOptions<State, Event extends { readonly type: string }> {
  readonly nc: NatsConnection;
  readonly names: HistoryNames;
  readonly aggregate: ReplicaAggregate<State, Event>;
  readonly log: EventLog;
  /** The key-value bucket with kept folds; without one the whole stream is replayed. */
  readonly snapshotBucket?: string;
  /** Whether a kept state has the fold's present shape; any object by default, because the bucket's name has the fold's version. */
  readonly isState?: (state: unknown) => state is State;
  /** A listener from the very first event on. */
  readonly onApplied?: ReplicaListener<State>;
  /** Told of what goes wrong and is tried again, of unreadable events and of listeners that throw. */
  readonly onTrouble?: (what: ReplicaTrouble, error: unknown) => void;
  readonly now?: () => Date;
}

export type ReplicaTrouble = 'snapshot' | 'follow' | 'unreadable-event' | 'listener' | 'failed';

/** Starts a replica. It is readable at once and complete when `caughtUp` resolves. */
export function createReplica<State, Event extends { readonly type: string }>(
  options: ReplicaOptions<State, Event>,
): Replica<State> {
  const onTrouble = options.onTrouble ?? (() => {});
  const ending = new AbortController();
  const core = createReplicaCore({
    aggregate: options.aggregate,
    log: options.log,
    onUnreadable: (_event, error) => onTrouble('unreadable-event', error),
    onListenerError: (error) => onTrouble('listener', error),
    ...(options.now && { now: options.now }),
    close: async () => {
      ending.abort();
      await running;
    },
  });
  if (options.onApplied !== undefined) core.replica.subscribe(options.onApplied);
  const running = run(options, core, ending.signal, onTrouble);
  return core.replica;
}

/** After so many failures in a row the snapshot is left alone: a replay of the whole stream needs none. */
const snapshotAttemptsMax = 5;

async function run<State, Event extends { readonly type: string }>(
  options: ReplicaOptions<State, Event>,
  core: ReplicaCore<State>,
  signal: AbortSignal,
  onTrouble: (what: ReplicaTrouble, error: unknown) => void,
): Promise<void> {
  const { nc, names, snapshotBucket } = options;
  const session = sessionSignals(nc, signal);
  let loaded = snapshotBucket === undefined;
  for (let failures = 0; !signal.aborted && !nc.isClosed(); ) {
    const startedAt = performance.now();
    try {
      if (!loaded && failures < snapshotAttemptsMax) await preload(options, core);
      loaded = true;
      await followOnce({ nc, names, core, signal: session() });
    } catch (error) {
      if (error instanceof ReplicaFailedError) {
        core.fail(error);
        onTrouble('failed', error);
        return;
      }
      onTrouble(loaded ? 'follow' : 'snapshot', error);
    }
    failures = performance.now() - startedAt > stableMs ? 0 : failures + 1;
    await pauseUnlessAborted(pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 0, signal);
  }
}

/** A session that lasted so long was a good one. */
const stableMs = 5000;
/** How long to wait before the next session, by failures in a row. */
const pausesMs = [0, 50, 100, 250, 500, 1000, 2000];

async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/**
 * Gives each session a signal that ends it when the connection was lost and is back: the consumer may not have
 * survived, and the client would take its time to notice.
 */
function sessionSignals(nc: NatsConnection, signal: AbortSignal): () => AbortSignal {
  let current = new AbortController();
  const watch = async (): Promise<void> => {
    for await (const status of nc.status()) {
      if (signal.aborted) return;
      if (status.type === 'reconnect') current.abort();
    }
  };
  void watch();
  return () => {
    current = new AbortController();
    return AbortSignal.any([current.signal, signal]);
  };
}

async function preload<State, Event extends { readonly type: string }>(
  options: ReplicaOptions<State, Event>,
  core: ReplicaCore<State>,
): Promise<void> {
  const { nc, snapshotBucket, log, aggregate, isState = isObject<State> } = options;
  if (snapshotBucket === undefined) return;
  const { watermark, values } = await loadSnapshot(nc, snapshotBucket);
  const folds = new Map<KeyString, Folded<State>>();
  const gone = new Map<KeyString, SnapshotPlace>();
  const unread: KeyString[] = [];
  for (const [key, value] of values) {
    if (value.kind === 'gone') gone.set(key, value);
    else if (value.kind === 'fold' && isState(value.state)) folds.set(key, toFolded(value, value.state));
    else unread.push(key);
  }
  await mapLimited(unread, unreadInFlightMax, async (key) => {
    folds.set(key, await loadFromLog({ log, aggregate }, key.split('.')));
  });
  core.preload({ ...watermark, folds, gone });
}

const unreadInFlightMax = 8;

function toFolded<State>(
  { version, hash, seq }: { readonly version: number; readonly hash: string; readonly seq: number },
  state: State,
): Folded<State> {
  return { state, version, hash, seq, newerThanMe: false };
}

/** The bucket's name holds the fold's version, so what it holds has the fold's shape. */
function isObject<State>(state: unknown): state is State {
  return isRecord(state);
}
