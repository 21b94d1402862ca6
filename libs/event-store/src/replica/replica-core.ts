// The memory of a replica: applies events one after another, remembers folds, wakes listeners and waiters. Knows
// the log by its port only; where events come from is not its business.
import type { Aggregate, Folded } from '../aggregate.ts';
import type { Foldable, OnUnreadable } from '../fold.ts';
import { emptyFold, foldEvent } from '../fold.ts';
import type { LoadDeps } from '../load.ts';
import { loadAtVersion } from '../load.ts';
import type { EventLog, HistoryKey, RecordedEvent } from '../port.ts';
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

/** What was kept of folds elsewhere, up to a place in the stream. */
export interface KeptFolds<State> extends ReplicaStart {
  readonly hash: string;
  readonly folds: ReadonlyMap<KeyString, Folded<State>>;
}

/** A replica as its feeder sees it. */
export interface ReplicaCore<State> extends Replica<State> {
  /** Starts from what was kept. Until the replica has caught up, events of what was gone then are old. */
  readonly preload: (kept: KeptFolds<State>) => void;
  /** The last place that was applied. */
  readonly place: StreamPlace;
  /** Moves the place without an event: there is nothing in between. */
  readonly moveTo: (place: StreamPlace) => void;
  /** Applies the next event. Repeated and older events change nothing. @throws LogUnavailableError */
  readonly apply: (event: RecordedEvent) => Promise<void>;
  /** Everything that is in the stream at this moment is applied. */
  readonly inStep: () => void;
  readonly fail: (error: ReplicaFailedError) => void;
}

/** An empty replica. */
export function createReplicaCore<State, Event extends { readonly type: string }>(
  options: ReplicaCoreOptions<State, Event>,
): ReplicaCore<State> {
  return new Memory(options);
}

/** Folds of objects that went recently: the answer to the delete that is just being made. */
const recentlyGoneMax = 1000;

// Its methods are fields, so that they can be handed on one by one.
class Memory<State, Event extends { readonly type: string }> implements ReplicaCore<State> {
  readonly close: () => Promise<void>;
  readonly caughtUp: Promise<void>;
  place: StreamPlace = { seq: 0, hash: undefined };
  startedFrom: ReplicaStart = { seq: 0, gone: new Map() };
  isCaughtUp = false;
  lastContactAt: Date | undefined;
  failure: ReplicaFailedError | undefined;
  readonly #options: ReplicaCoreOptions<State, Event>;
  readonly #loading: LoadDeps<State, Event>;
  readonly #folds = new Map<KeyString, Folded<State>>();
  readonly #recentlyGone = new Map<KeyString, Folded<State>>();
  readonly #listeners = new Set<ReplicaListener<State>>();
  readonly #waiters = createWaiters();
  readonly #caughtUp = Promise.withResolvers<void>();

  constructor(options: ReplicaCoreOptions<State, Event>) {
    const { aggregate, log, onUnreadable } = options;
    this.#options = options;
    this.#loading = { log, aggregate, ...(onUnreadable && { onUnreadable }) };
    this.close = options.close;
    this.caughtUp = this.#caughtUp.promise;
    // Whoever awaits it gets the error; that nobody does is no reason to end the process.
    this.caughtUp.catch(() => {});
  }

  readonly get = (key: HistoryKey | KeyString): Folded<State> | undefined => this.#folds.get(keyToString(key));

  readonly entries = (): IterableIterator<[KeyString, Folded<State>]> => this.#folds.entries();

  get size(): number {
    return this.#folds.size;
  }

  get appliedSeq(): number {
    return this.place.seq;
  }

  get lagMs(): number {
    if (this.lastContactAt === undefined) return Number.POSITIVE_INFINITY;
    return this.#now().getTime() - this.lastContactAt.getTime();
  }

  readonly subscribe = (listener: ReplicaListener<State>): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly whenApplied: Replica<State>['whenApplied'] = async (seq, { deadlineMs }) => {
    if (this.failure !== undefined) throw this.failure;
    await this.#waiters.wait(`sequence ${seq}`, deadlineMs, () => (this.place.seq >= seq ? true : undefined));
  };

  readonly whenVersion: Replica<State>['whenVersion'] = async (key, version, wait) => {
    const { deadlineMs } = wait;
    const name = keyToString(key);
    // An object of which nothing is kept may have been applied and have gone: its event's sequence tells.
    const isKnown = wait.seq !== undefined || this.#known(name) !== undefined;
    const seq = isKnown ? wait.seq : (await this.#options.log.readAt(key, version))?.seq;
    const reached = (): Folded<State> | 'passed' | undefined => {
      const folded = this.#known(name);
      if (folded !== undefined && folded.version >= version) return folded.version === version ? folded : 'passed';
      return folded === undefined && seq !== undefined && this.place.seq >= seq ? 'passed' : undefined;
    };
    if (this.failure !== undefined) throw this.failure;
    const found = await this.#waiters.wait(`${name} at version ${version}`, deadlineMs, reached);
    if (found !== 'passed') return found;
    const loaded = await loadAtVersion(this.#loading, key, version);
    if (loaded === undefined) throw new RangeError(`${name} has no version ${version}`);
    return loaded;
  };

  readonly preload = ({ seq, hash, gone, folds }: KeptFolds<State>): void => {
    for (const [key, folded] of folds) this.#keep(key, folded);
    this.startedFrom = { seq, gone };
    this.moveTo({ seq, hash });
  };

  readonly moveTo = (place: StreamPlace): void => {
    if (place.seq > this.place.seq) this.place = place;
    this.#waiters.check();
  };

  readonly apply = async (event: RecordedEvent): Promise<void> => {
    const key = keyToString(event.key);
    const goneThen = this.isCaughtUp ? undefined : this.startedFrom.gone.get(key)?.version;
    const isNew = event.version > (this.#known(key)?.version ?? goneThen ?? 0);
    if (isNew) this.#keep(key, await this.#next(key, event));
    this.moveTo({ seq: event.seq, hash: event.hash });
    if (isNew) this.#notify(key, event);
  };

  readonly inStep = (): void => {
    this.lastContactAt = this.#now();
    if (this.isCaughtUp) return;
    this.isCaughtUp = true;
    this.#caughtUp.resolve();
  };

  readonly fail = (error: ReplicaFailedError): void => {
    this.failure = error;
    this.#caughtUp.reject(error);
    this.#waiters.failAll(error);
  };

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  #known(key: KeyString): Folded<State> | undefined {
    return this.#folds.get(key) ?? this.#recentlyGone.get(key);
  }

  #keep(key: KeyString, folded: Folded<State>): void {
    this.#recentlyGone.delete(key);
    if (folded.newerThanMe || !this.#options.aggregate.isGone(folded.state)) {
      this.#folds.set(key, folded);
      return;
    }
    this.#folds.delete(key);
    this.#recentlyGone.set(key, folded);
    const [oldest] = this.#recentlyGone.keys();
    if (this.#recentlyGone.size > recentlyGoneMax && oldest !== undefined) this.#recentlyGone.delete(oldest);
  }

  async #next(key: KeyString, event: RecordedEvent): Promise<Folded<State>> {
    const { aggregate, onUnreadable } = this.#options;
    const before = this.#known(key) ?? emptyFold(aggregate);
    if (event.version !== before.version + 1) {
      // Either the object had gone, and its id is used again, or events were missed: the index has them.
      const loaded = await loadAtVersion(this.#loading, event.key, event.version, before);
      if (loaded !== undefined) return loaded;
    }
    return foldEvent(aggregate, before, event, onUnreadable);
  }

  #notify(key: KeyString, event: RecordedEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(key, this.#folds.get(key), event);
      } catch (error) {
        this.#options.onListenerError?.(error);
      }
    }
  }
}
