// The memory of a replica: applies events one after another, remembers folds, wakes listeners and waiters. Knows
// the log by its port only; where events come from is not its business.
import type { Aggregate, Folded } from '../aggregate.ts';
import type { Foldable, OnUnreadable } from '../fold.ts';
import { emptyFold, foldEvent } from '../fold.ts';
import { loadAtVersion } from '../load.ts';
import type { EventLog, HistoryKey, RecordedEvent, Version } from '../port.ts';
import type { KeyString, Replica, ReplicaFailedError, ReplicaListener, ReplicaStart } from './replica.ts';
import { keyToString } from './replica.ts';
import { createWaiters } from './waiters.ts';

/** What a replica needs of an aggregate. */
export type ReplicaAggregate<State, Event extends { readonly type: string }> = Foldable<State, Event> &
  Pick<Aggregate<State, never, Event, unknown>, 'isGone'>;

export interface ReplicaCoreOptions<State, Event extends { readonly type: string }> {
  readonly aggregate: ReplicaAggregate<State, Event>;
  /** For objects of which the replica misses events: they are read by index. */
  readonly log: EventLog;
  readonly onUnreadable?: OnUnreadable;
  /** A listener threw: a bug of the listener, which must not stop the replica. */
  readonly onListenerError?: (error: unknown) => void;
  readonly now?: () => Date;
  /** Ends the feeding. */
  readonly close: () => Promise<void>;
}

/** A place in the stream, with the hash of the event there when it is known. */
export interface StreamPlace {
  readonly seq: number;
  readonly hash: string | undefined;
}

/** What the feeder of a replica does with it. */
export interface ReplicaCore<State> {
  readonly replica: Replica<State>;
  /** Puts in what was kept elsewhere. Until the replica has caught up, events of what was gone then are old. */
  readonly preload: (kept: ReplicaStart & { readonly hash: string; readonly folds: ReadonlyMap<KeyString, Folded<State>> }) => void;
  /** The last place that was applied. */
  readonly place: () => StreamPlace;
  /** Moves the place without an event: there is nothing in between. */
  readonly moveTo: (place: StreamPlace) => void;
  /** Applies the next event. Repeated and older events change nothing. @throws LogUnavailableError */
  readonly apply: (event: RecordedEvent) => Promise<void>;
  /** Everything that is in the stream at this moment is applied. */
  readonly inStep: () => void;
  readonly fail: (error: ReplicaFailedError) => void;
}

/** Folds of objects that went recently: the answer to the delete that is just being made. */
const recentlyGoneMax = 1000;

export function createReplicaCore<State, Event extends { readonly type: string }>(
  options: ReplicaCoreOptions<State, Event>,
): ReplicaCore<State> {
  const { aggregate, log, onListenerError, now = () => new Date() } = options;
  const loading = { log, aggregate, ...(options.onUnreadable && { onUnreadable: options.onUnreadable }) };
  const folds = new Map<KeyString, Folded<State>>();
  const recentlyGone = new Map<KeyString, Folded<State>>();
  const listeners = new Set<ReplicaListener<State>>();
  const waiters = createWaiters();
  const caughtUp = Promise.withResolvers<void>();
  // Whoever awaits it gets the error; that nobody does is no reason to end the process.
  caughtUp.promise.catch(() => {});
  let place: StreamPlace = { seq: 0, hash: undefined };
  let startedFrom: ReplicaStart = { seq: 0, gone: new Map() };
  let isCaughtUp = false;
  let lastContactAt: Date | undefined;
  let failure: ReplicaFailedError | undefined;

  const known = (key: KeyString): Folded<State> | undefined => folds.get(key) ?? recentlyGone.get(key);

  const keep = (key: KeyString, folded: Folded<State>): void => {
    recentlyGone.delete(key);
    if (!isGone(aggregate, folded)) {
      folds.set(key, folded);
      return;
    }
    folds.delete(key);
    recentlyGone.set(key, folded);
    const [oldest] = recentlyGone.keys();
    if (recentlyGone.size > recentlyGoneMax && oldest !== undefined) recentlyGone.delete(oldest);
  };

  const next = async (key: KeyString, event: RecordedEvent): Promise<Folded<State>> => {
    const before = known(key) ?? emptyFold(aggregate);
    if (event.version === before.version + 1) return foldEvent(aggregate, before, event, options.onUnreadable);
    // Either the object had gone, and its id is used again, or events were missed: the index has them.
    return (
      (await loadAtVersion(loading, event.key, event.version, before)) ??
      foldEvent(aggregate, before, event, options.onUnreadable)
    );
  };

  const notify = (key: KeyString, event: RecordedEvent): void => {
    for (const listener of listeners) {
      try {
        listener(key, folds.get(key), event);
      } catch (error) {
        onListenerError?.(error);
      }
    }
  };

  const apply = async (event: RecordedEvent): Promise<void> => {
    const key = keyToString(event.key);
    const goneThen = isCaughtUp ? undefined : startedFrom.gone.get(key)?.version;
    const isNew = event.version > (known(key)?.version ?? goneThen ?? 0);
    if (isNew) keep(key, await next(key, event));
    if (event.seq > place.seq) place = { seq: event.seq, hash: event.hash };
    waiters.check();
    if (isNew) notify(key, event);
  };

  const moveTo = (newPlace: StreamPlace): void => {
    if (newPlace.seq > place.seq) place = newPlace;
    waiters.check();
  };

  const whenVersion = async (
    key: HistoryKey,
    version: Version,
    { deadlineMs }: { readonly deadlineMs: number },
  ): Promise<Folded<State>> => {
    const name = keyToString(key);
    // An object of which nothing is kept may have been applied and have gone: its event's sequence tells.
    const seq = known(name) === undefined ? (await log.readAt(key, version))?.seq : undefined;
    const reached = (): Folded<State> | 'passed' | undefined => {
      const folded = known(name);
      if (folded !== undefined && folded.version >= version) return folded.version === version ? folded : 'passed';
      return folded === undefined && seq !== undefined && place.seq >= seq ? 'passed' : undefined;
    };
    if (failure !== undefined) throw failure;
    const found = await waiters.wait(`${name} at version ${version}`, deadlineMs, reached);
    if (found !== 'passed') return found;
    const loaded = await loadAtVersion(loading, key, version);
    if (loaded === undefined) throw new RangeError(`${name} has no version ${version}`);
    return loaded;
  };

  const whenApplied = async (seq: number, { deadlineMs }: { readonly deadlineMs: number }): Promise<void> => {
    if (failure !== undefined) throw failure;
    await waiters.wait(`sequence ${seq}`, deadlineMs, () => (place.seq >= seq ? true : undefined));
  };

  return {
    replica: {
      get: (key) => folds.get(keyToString(key)),
      entries: () => folds.entries(),
      get size() {
        return folds.size;
      },
      get appliedSeq() {
        return place.seq;
      },
      caughtUp: caughtUp.promise,
      get isCaughtUp() {
        return isCaughtUp;
      },
      get startedFrom() {
        return startedFrom;
      },
      get failure() {
        return failure;
      },
      get lastContactAt() {
        return lastContactAt;
      },
      get lagMs() {
        return lastContactAt === undefined ? Number.POSITIVE_INFINITY : now().getTime() - lastContactAt.getTime();
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      whenApplied,
      whenVersion,
      close: options.close,
    },
    preload: ({ seq, hash, gone, folds: kept }) => {
      for (const [key, folded] of kept) keep(key, folded);
      startedFrom = { seq, gone };
      moveTo({ seq, hash });
    },
    place: () => place,
    moveTo,
    apply,
    inStep: () => {
      lastContactAt = now();
      if (isCaughtUp) return;
      isCaughtUp = true;
      caughtUp.resolve();
    },
    fail: (error) => {
      failure = error;
      caughtUp.reject(error);
      waiters.failAll(error);
    },
  };
}

function isGone<State>(aggregate: { readonly isGone: (state: State) => boolean }, folded: Folded<State>): boolean {
  return !folded.newerThanMe && aggregate.isGone(folded.state);
}
