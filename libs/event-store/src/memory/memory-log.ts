// The in-memory twin of the event log: same promises as the JetStream adapter, for specs and simulations. It keeps
// messages as bytes, so that what cannot be stored cannot be stored here either.
import type { AppendOutcome, EventLog, HistoryKey, LogUsage, NewEvent, RecordedEvent, Version } from '../port.ts';
import { EventTooLargeError, LogFullError, LogUnavailableError } from '../port.ts';
import type { EncodedEvent } from '../wire.ts';
import { decodeEvent, encodeEvent } from '../wire.ts';

export interface MemoryLogOptions {
  /** The log's clock; the system's by default. */
  readonly now?: () => Date;
  /** 0 for no limit. */
  readonly sizeBytesMax?: number;
  readonly eventSizeBytesMax?: number;
}

/** What the twin offers beyond the port. */
export interface MemoryLog extends EventLog {
  /** Called after each stored event, in order. Returns a function that ends it. */
  readonly subscribe: (listener: (event: RecordedEvent) => void) => () => void;
  /** Every event in stream order. */
  readonly all: () => readonly RecordedEvent[];
  /** Makes every call fail as an unreachable log does, until called with false. */
  readonly setUnavailable: (unavailable: boolean) => void;
  /** Resolves when calls do not fail, at once if they do not. */
  readonly whenAvailable: () => Promise<void>;
}

interface Stored {
  readonly key: HistoryKey;
  readonly version: Version;
  readonly message: EncodedEvent;
  readonly seq: number;
  readonly at: string;
}

/** An empty log in memory. */
export function createMemoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const { now = () => new Date(), sizeBytesMax = 0, eventSizeBytesMax = 65_536 } = options;
  const stored: Stored[] = [];
  const histories = new Map<string, Map<Version, Stored>>();
  const listeners = new Set<(event: RecordedEvent) => void>();
  let bytes = 0;
  let unavailable = false;
  let available = Promise.withResolvers<void>();
  available.resolve();

  const historyOf = (key: HistoryKey): Map<Version, Stored> =>
    histories.get(JSON.stringify(key)) ?? new Map<Version, Stored>();
  const assertAvailable = (): void => {
    if (unavailable) throw new LogUnavailableError('the log is switched off', { outcomeUnknown: false });
  };

  const newest = (key: HistoryKey): Stored | undefined => {
    const history = historyOf(key);
    return history.get(Math.max(...history.keys()));
  };

  const append = (key: HistoryKey, version: Version, event: NewEvent, afterSeq?: number): AppendOutcome => {
    assertAvailable();
    const message = encodeEvent(key, version, event);
    const history = historyOf(key);
    const existing = history.get(version);
    if (existing !== undefined) {
      const own = decode(existing).eventId === event.eventId.toWellFormed();
      return own ? { kind: 'appended', seq: existing.seq, hash: existing.message.hash } : { kind: 'conflict' };
    }
    if (afterSeq !== undefined && afterSeq !== (newest(key)?.seq ?? 0)) return { kind: 'conflict' };
    const size = sizeOf(message);
    if (size > eventSizeBytesMax) throw new EventTooLargeError(`an event of ${size} bytes; ${eventSizeBytesMax} fit`);
    if (sizeBytesMax > 0 && bytes + size > sizeBytesMax) throw new LogFullError('the log has reached its size');
    const entry: Stored = { key: [...key], version, message, seq: stored.length + 1, at: now().toISOString() };
    stored.push(entry);
    bytes += size;
    histories.set(JSON.stringify(key), history.set(version, entry));
    const recorded = decode(entry);
    for (const listener of listeners) listener(recorded);
    return { kind: 'appended', seq: entry.seq, hash: message.hash };
  };

  const usage = (): LogUsage => ({ bytes, bytesMax: sizeBytesMax, lastSeq: stored.length });

  return {
    append: async (key, version, event, afterSeq) => append(key, version, event, afterSeq),
    last: async (key) => {
      assertAvailable();
      const entry = newest(key);
      return entry === undefined ? undefined : decode(entry);
    },
    read: async (key, from = 1, through = Number.MAX_SAFE_INTEGER) => {
      assertAvailable();
      return Array.from(historyOf(key).values())
        .filter((entry) => entry.version >= from && entry.version <= through)
        .toSorted((a, b) => a.version - b.version)
        .map(decode);
    },
    readAt: async (key, version) => {
      assertAvailable();
      const entry = historyOf(key).get(version);
      return entry === undefined ? undefined : decode(entry);
    },
    usage: async () => {
      assertAvailable();
      return usage();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    all: () => stored.map(decode),
    setUnavailable: (value) => {
      if (value && !unavailable) available = Promise.withResolvers();
      if (!value) available.resolve();
      unavailable = value;
    },
    whenAvailable: async () => {
      await available.promise;
    },
  };
}

function decode(entry: Stored): RecordedEvent {
  const headers = new Map(entry.message.headers);
  return decodeEvent(entry.key, entry.version, {
    header: (name) => headers.get(name) ?? '',
    body: entry.message.body,
    seq: entry.seq,
    at: entry.at,
  });
}

function sizeOf(message: EncodedEvent): number {
  const headerBytes = message.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 12);
  return headerBytes + message.body.byteLength;
}
