// The port of the event log: what a history is, how one event is appended, how histories are read.
// Adapters (in-memory twin, JetStream) implement it; nothing here does I/O.

/** A position in one object's own history: 1 for its first event. */
export type Version = number;

/** Address of one history: its tokens in subject order, such as `['dev', 'docpod']`. */
export type HistoryKey = readonly string[];

/** SHA-256 in lower-case hex. */
export type Hash = string;

/** What stands before the first event of a history. */
export const genesisHash: Hash = '0'.repeat(64);

/** What a writer hands over. Time is the log's own; the id makes a repeated attempt recognisable. */
export interface NewEvent {
  readonly eventId: string;
  readonly type: string;
  /** Id of the command this event came from. */
  readonly causeId: string;
  /** SHA-256 of the command's content: the same id with another content is a misuse. */
  readonly causeHash: Hash;
  /** Who: a user's name, or `pods:<app>` for the platform's own doing. */
  readonly actor: string;
  readonly schema: number;
  /** Hash of the event before it in this history, {@link genesisHash} for the first. */
  readonly previousHash: Hash;
  /** A JSON object without the type. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** An event as the log keeps it. */
export interface RecordedEvent extends NewEvent {
  readonly key: HistoryKey;
  readonly version: Version;
  /** SHA-256 over everything that the writer wrote, see `hash.ts`. */
  readonly hash: Hash;
  /** Position in the whole stream. */
  readonly seq: number;
  /** The log's own time, ISO 8601 in UTC. */
  readonly at: string;
}

export type AppendOutcome =
  | { readonly kind: 'appended'; readonly seq: number; readonly hash: Hash }
  /** Another event stands at this version. */
  | { readonly kind: 'conflict' };

/** The log could not be reached, or did not say in time whether it stored the event. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
  readonly code = 'log_unavailable';
  readonly retryable = true;
  /** True when the event may have been stored. */
  readonly outcomeUnknown: boolean;
  constructor(message: string, options: { readonly outcomeUnknown: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.outcomeUnknown = options.outcomeUnknown;
  }
}

/** The log refuses growth: it has reached its limit (architecture.md section 3: 507). */
export class LogFullError extends Error {
  override readonly name = 'LogFullError';
  readonly code = 'log_full';
  readonly retryable = true;
}

/** What does not fit into a message of the log. */
export class EventTooLargeError extends Error {
  override readonly name = 'EventTooLargeError';
  readonly code = 'event_too_large';
  readonly retryable = false;
}

export interface LogUsage {
  readonly bytes: number;
  /** 0 when there is no limit. */
  readonly bytesMax: number;
  readonly lastSeq: number;
}

/** The share of its bytes from which a log takes no more growth (architecture.md section 3). */
export const growthShareMax = 0.8;

/** Whether creates and updates are still taken; stops, deletes and facts always are, until the log is full. */
export function allowsGrowth(usage: LogUsage): boolean {
  return usage.bytesMax <= 0 || usage.bytes < usage.bytesMax * growthShareMax;
}

/** One family of histories: a stream with write-once subjects. */
export interface EventLog {
  /**
   * Appends one event at exactly `version`. Repeating the call with the same event id is safe and answers the
   * first outcome; an outcome that stays unknown until the deadline throws.
   * `afterSeq`: stream sequence of the event at the version before, 0 for none. When given, it is a conflict unless
   * that event is the newest of the history: in a log that was put back from a copy it may be missing.
   * @throws LogUnavailableError, LogFullError, EventTooLargeError
   */
  append(key: HistoryKey, version: Version, event: NewEvent, afterSeq?: number): Promise<AppendOutcome>;
  /**
   * The newest event of a history, by index; undefined when there is none. May lag behind a write elsewhere
   * unless `fresh` is asked for: that asks the leader.
   */
  last(key: HistoryKey, options?: { readonly fresh?: boolean }): Promise<RecordedEvent | undefined>;
  /**
   * The events `from` to `through` (the newest by default), in order, by index (nats.md 1.5), never by scan.
   * Events that were erased are left out.
   */
  read(key: HistoryKey, from?: Version, through?: Version): Promise<readonly RecordedEvent[]>;
  /** One event, or undefined. */
  readAt(key: HistoryKey, version: Version): Promise<RecordedEvent | undefined>;
  /** Bytes used and allowed, for the limit at which growth is refused. */
  usage(): Promise<LogUsage>;
}
