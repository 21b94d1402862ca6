// A cache of one kind of objects in one namespace, kept by list and watch. It hides every interruption: it
// resumes where it was, lists anew when the server has forgotten that place, and says how fresh it is.
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConnection } from './connection.ts';
import { KubeError } from './errors.ts';
import type { Kind, KindTypes, MetadataOnly } from './kinds.ts';
import { pathOf } from './kinds.ts';
import type { ListedObjects } from './list-pages.ts';
import { listPages } from './list-pages.ts';
import { watchLines } from './watch-stream.ts';

/** A change of the cache, told after it was made. */
export interface Change<T> {
  readonly kind: 'set' | 'removed';
  readonly object: T;
}

export interface Informer<T extends MetadataOnly> {
  readonly get: (name: string) => T | undefined;
  readonly list: () => readonly T[];
  /** Called after each change; what is already there is not told again. Returns a function that ends it. */
  readonly subscribe: (listener: (change: Change<T>) => void) => () => void;
  /** Whether the cache has been complete once; it stays so, older and older, while the server is away. */
  readonly caughtUp: () => boolean;
  /** Resolves once caught up. */
  readonly whenCaughtUp: () => Promise<void>;
  /** When the server was last heard, milliseconds since 1970; idle watches hear it about once a minute. */
  readonly lastContactAt: () => number | undefined;
  /** Ends list and watch; the cache stays readable. Never rejects. */
  readonly stop: () => Promise<void>;
}

export interface InformerOptions {
  readonly connection: KubeConnection;
  readonly namespace: string;
  readonly labelSelector?: string | undefined;
  /** Told of every interruption, for the log; the informer goes on by itself. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Milliseconds after which everything is listed again, whatever the watch said. */
  readonly relistEveryMs?: number | undefined;
  /** Milliseconds without a byte after which a watch counts as dead; bookmarks come about once a minute. */
  readonly silenceMsMax?: number | undefined;
}

/** Follows whole objects. */
export function createInformer<K extends Kind>(kind: K, options: InformerOptions): Informer<KindTypes[K]> {
  return startInformer<KindTypes[K]>({ kind, accept: {}, ...options });
}

/** Follows names, labels and the like only: what the objects hold never reaches this process. */
export function createMetadataInformer(kind: Kind, options: InformerOptions): Informer<MetadataOnly> {
  return startInformer<MetadataOnly>({ kind, accept: metadataOnly, ...options });
}

const metadataOnly = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  watch: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
};

interface Source extends InformerOptions {
  readonly kind: Kind;
  readonly accept: { readonly list?: string; readonly watch?: string };
}

const backoffMs = { first: 200, max: 15_000 };
const relistEveryMsByDefault = 30 * 60_000;
const silenceMsMaxByDefault = 150_000;

function startInformer<T extends MetadataOnly>(source: Source): Informer<T> {
  const ended = new AbortController();
  const ready = Promise.withResolvers<void>();
  const cache = createCache<T>();
  let contactAt: number | undefined;
  const contact = (): void => {
    contactAt = Date.now();
  };
  let caughtUp = false;
  const complete = (): void => {
    caughtUp = true;
    ready.resolve();
  };
  const finished = follow(source, cache, { signal: ended.signal, contact, complete });
  return {
    get: cache.get,
    list: cache.list,
    subscribe: cache.subscribe,
    caughtUp: () => caughtUp,
    whenCaughtUp: () => ready.promise,
    lastContactAt: () => contactAt,
    stop: async () => {
      ended.abort();
      await finished;
    },
  };
}

interface Progress {
  readonly signal: AbortSignal;
  readonly contact: () => void;
  readonly complete: () => void;
}

async function follow<T extends MetadataOnly>(source: Source, cache: Cache<T>, progress: Progress): Promise<void> {
  let place: Place | undefined;
  let failures = 0;
  const stopped = (): boolean => progress.signal.aborted;
  while (!stopped()) {
    try {
      place ??= await loadAll(source, cache, progress);
      progress.complete();
      place = await watchFrom(source, cache, place, progress);
      failures = 0;
    } catch (error) {
      if (stopped()) return;
      const failure = error instanceof WatchEnded ? error.cause : error;
      place = error instanceof WatchEnded && !isGone(failure) ? error.place : undefined;
      if (error instanceof WatchEnded && error.worked) failures = 0;
      source.onError?.(failure);
      const waitMs = Math.min(backoffMs.first * 2 ** failures, backoffMs.max);
      failures += 1;
      // An aborted wait is the stop that the loop looks for.
      await delay(waitMs, undefined, { signal: progress.signal }).catch(() => undefined);
    }
  }
}

/** Where the cache stands. */
interface Place {
  readonly resourceVersion: string;
  readonly listedAt: number;
}

/** A watch that failed, with the place it had come to. */
class WatchEnded extends Error {
  readonly place: Place;
  /** Whether the server had accepted it. */
  readonly worked: boolean;
  constructor(place: Place, worked: boolean, cause: unknown) {
    super('the watch ended', { cause });
    this.place = place;
    this.worked = worked;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof KubeError && error.code === 'Gone';
}

async function loadAll<T extends MetadataOnly>(source: Source, cache: Cache<T>, progress: Progress): Promise<Place> {
  const listed: ListedObjects<T> = await listPages<T>({
    connection: source.connection,
    path: pathOf(source.kind, source.namespace),
    labelSelector: source.labelSelector,
    accept: source.accept.list,
    signal: progress.signal,
  });
  progress.contact();
  cache.replaceAll(listed.items);
  return { resourceVersion: listed.resourceVersion, listedAt: Date.now() };
}

/** Watches until the server ends it; undefined asks for a new list. @throws WatchEnded */
async function watchFrom<T extends MetadataOnly>(
  source: Source,
  cache: Cache<T>,
  start: Place,
  progress: Progress,
): Promise<Place | undefined> {
  const { relistEveryMs = relistEveryMsByDefault, silenceMsMax = silenceMsMaxByDefault } = source;
  let place = start;
  let worked = false;
  const onContact = (): void => {
    worked = true;
    progress.contact();
  };
  try {
    const lines = watchLines(
      { connection: source.connection, silenceMsMax, onContact },
      {
        path: pathOf(source.kind, source.namespace),
        query: {
          watch: true,
          allowWatchBookmarks: true,
          labelSelector: source.labelSelector,
          resourceVersion: place.resourceVersion,
          timeoutSeconds: Math.ceil(Math.min(relistEveryMs, 300_000) / 1000),
        },
        accept: source.accept.watch,
        signal: progress.signal,
      },
    );
    for await (const line of lines) {
      // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the API server vouches for the shape
      const object = line.object as T;
      if (line.type === 'DELETED') cache.remove(object);
      else if (line.type !== 'BOOKMARK') cache.set(object);
      place = { ...place, resourceVersion: object.metadata?.resourceVersion ?? place.resourceVersion };
    }
  } catch (error) {
    throw new WatchEnded(place, worked, error);
  }
  return Date.now() - place.listedAt >= relistEveryMs ? undefined : place;
}

interface Cache<T extends MetadataOnly> extends Pick<Informer<T>, 'get' | 'list' | 'subscribe'> {
  readonly set: (object: T) => void;
  readonly remove: (object: T) => void;
  readonly replaceAll: (objects: readonly T[]) => void;
}

function createCache<T extends MetadataOnly>(): Cache<T> {
  const objects = new Map<string, T>();
  const listeners = new Set<(change: Change<T>) => void>();
  const tell = (change: Change<T>): void => {
    for (const listener of listeners) listener(change);
  };
  const set = (object: T): void => {
    const name = object.metadata?.name ?? '';
    const known = objects.get(name)?.metadata?.resourceVersion;
    if (known !== undefined && known === object.metadata?.resourceVersion) return;
    // Bookkeeping of the server, often larger than the rest.
    delete object.metadata?.managedFields;
    objects.set(name, object);
    tell({ kind: 'set', object });
  };
  const remove = (object: T): void => {
    if (objects.delete(object.metadata?.name ?? '')) tell({ kind: 'removed', object });
  };
  return {
    get: (name) => objects.get(name),
    list: () => Array.from(objects.values()),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set,
    remove,
    replaceAll: (current) => {
      const names = new Set(current.map((object) => object.metadata?.name ?? ''));
      for (const [name, object] of objects) if (!names.has(name)) remove(object);
      for (const object of current) set(object);
    },
  };
}
