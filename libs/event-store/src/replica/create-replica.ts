// A replica on JetStream: loads the snapshot bucket, then follows the stream until it is closed.
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Folded } from '../aggregate.ts';
import type { HistoryNames } from '../history-names.ts';
import { loadFromLog } from '../load.ts';
import { mapLimited } from '../nats/retry.ts';
import { runSessions } from '../nats/sessions.ts';
import type { EventLog, RecordedEvent } from '../port.ts';
import { isRecord } from '../wire.ts';
import { followOnce } from './follow.ts';
import type { ReplicaAggregate, ReplicaCore } from './replica-core.ts';
import { createReplicaCore } from './replica-core.ts';
import type { KeyString, Replica, ReplicaListener } from './replica.ts';
import { keyToString, ReplicaFailedError } from './replica.ts';
import { assertHolds } from './same-stream.ts';
import type { SnapshotPlace } from './snapshot-format.ts';
import type { Snapshot } from './snapshot-load.ts';
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
  if (options.onApplied !== undefined) core.subscribe(options.onApplied);
  const running = run(options, core, ending.signal, onTrouble);
  return core;
}

/** After so many failures in a row the snapshot is left alone: a replay of the whole stream needs none. */
const snapshotAttemptsMax = 5;

async function run<State, Event extends { readonly type: string }>(
  options: ReplicaOptions<State, Event>,
  core: ReplicaCore<State>,
  signal: AbortSignal,
  onTrouble: (what: ReplicaTrouble, error: unknown) => void,
): Promise<void> {
  const { nc, names } = options;
  let snapshotAttempts = 0;
  let loaded = options.snapshotBucket === undefined;
  await runSessions({
    nc,
    signal,
    session: async (sessionSignal, connection) => {
      if (!loaded && snapshotAttempts < snapshotAttemptsMax) {
        snapshotAttempts += 1;
        await preload(options, core);
      }
      loaded = true;
      await followOnce({ nc, names, core, connection, signal: sessionSignal });
    },
    onError: (error) => {
      const failed = error instanceof ReplicaFailedError;
      if (failed) core.fail(error);
      onTrouble(failed ? 'failed' : loaded ? 'follow' : 'snapshot', error);
      return failed ? 'stop' : 'again';
    },
  });
}

async function preload<State, Event extends { readonly type: string }>(
  options: ReplicaOptions<State, Event>,
  core: ReplicaCore<State>,
): Promise<void> {
  const { nc, snapshotBucket, log, aggregate } = options;
  // The bucket's name holds the fold's version, so what it holds has the fold's shape.
  const isState = options.isState ?? ((state: unknown): state is State => isRecord(state));
  if (snapshotBucket === undefined) return;
  const { watermark, values } = await loadSnapshot(nc, snapshotBucket);
  await assertLogHolds(options, { watermark, values });
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

/**
 * Values may be newer than the watermark. In a log that has lost their events they would hide the events that come
 * instead.
 */
async function assertLogHolds(
  { nc, names }: Pick<ReplicaOptions<never, never>, 'nc' | 'names'>,
  { watermark, values }: Snapshot,
): Promise<void> {
  const newer = [...values].filter(([, { seq }]) => seq > watermark.seq);
  const places = newer.map(([key, value]) => ({
    seq: value.seq,
    isSame: (event: RecordedEvent) =>
      keyToString(event.key) === key &&
      event.version === value.version &&
      (value.kind !== 'fold' || event.hash === value.hash),
  }));
  if (places.length > 0) await assertHolds(await jetstreamManager(nc, { checkAPI: false }), names, places);
}

function toFolded<State>(
  { version, hash, seq }: { readonly version: number; readonly hash: string; readonly seq: number },
  state: State,
): Folded<State> {
  return { state, version, hash, seq, newerThanMe: false };
}
