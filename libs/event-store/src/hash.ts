// The hash that chains the events of one history, and the check of such a chain. What is hashed is what the
// writer wrote, never what the log added (sequence, time).
import { createHash } from 'node:crypto';
import type { Hash, HistoryKey, RecordedEvent, Version } from './port.ts';
import { genesisHash } from './port.ts';

/** Everything that an event's hash covers. */
export interface HashedEvent {
  readonly key: HistoryKey;
  readonly version: Version;
  readonly type: string;
  readonly eventId: string;
  readonly causeId: string;
  readonly causeHash: Hash;
  readonly actor: string;
  readonly schema: number;
  readonly previousHash: Hash;
  /** The body exactly as it is stored. */
  readonly bodyBytes: Uint8Array;
}

/** Raised if what is hashed ever changes: histories of both kinds must stay verifiable. */
const encodingName = 'pods-event-hash-1';

/**
 * SHA-256 over a canonical encoding: each field as a 4-byte big-endian length and its UTF-8 bytes, so that no
 * two different events have the same encoding.
 */
export function hashEvent(event: HashedEvent): Hash {
  const hash = createHash('sha256');
  const texts = [
    encodingName,
    String(event.key.length),
    ...event.key,
    String(event.version),
    event.type,
    event.eventId,
    event.causeId,
    event.causeHash,
    event.actor,
    String(event.schema),
    event.previousHash,
  ];
  const lengthPrefix = Buffer.alloc(4);
  const add = (bytes: Uint8Array): void => {
    lengthPrefix.writeUInt32BE(bytes.byteLength);
    hash.update(lengthPrefix).update(bytes);
  };
  for (const text of texts) add(Buffer.from(text, 'utf8'));
  add(event.bodyBytes);
  return hash.digest('hex');
}

/** Where a chain starts: before the first event, unless a later place is already trusted. */
export interface ChainStart {
  readonly version: Version;
  readonly hash: Hash;
}

export type ChainVerdict =
  | { readonly ok: true; readonly version: Version; readonly hash: Hash }
  | {
      readonly ok: false;
      /** The first event that does not continue what stands before it. */
      readonly version: Version;
      readonly broken: 'missing-event' | 'previous-hash';
    };

/**
 * Checks that each event names the hash of the one before it. An event that was changed after it was written
 * shows as a broken link of its successor; a change of the newest event shows only against a hash kept elsewhere.
 */
export function verifyHistory(
  events: readonly RecordedEvent[],
  start: ChainStart = { version: 0, hash: genesisHash },
): ChainVerdict {
  let at = start;
  for (const event of events) {
    if (event.version !== at.version + 1) return { ok: false, version: at.version + 1, broken: 'missing-event' };
    if (event.previousHash !== at.hash) return { ok: false, version: event.version, broken: 'previous-hash' };
    at = { version: event.version, hash: event.hash };
  }
  return { ok: true, ...at };
}
