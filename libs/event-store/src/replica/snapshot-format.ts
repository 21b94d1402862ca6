// How folds are kept in the snapshot bucket. The bucket is a cache: what cannot be read is as good as missing.
// It holds one value per object, and a watermark: every event up to it is in the values.
import type { Folded } from '../aggregate.ts';
import type { Version } from '../port.ts';
import { isRecord } from '../wire.ts';

/** The key of the watermark. No object has it: keys of objects have two tokens or more. */
export const watermarkKey = 'watermark';

export interface Watermark {
  readonly seq: number;
  /** Hash of the event at `seq`, by which another stream of the same length is told apart; empty when unknown. */
  readonly hash: string;
}

/** The place of an object's newest event. */
export interface SnapshotPlace {
  readonly version: Version;
  readonly seq: number;
  /** When the value was written, ISO 8601. */
  readonly at: string;
}

export type SnapshotValue =
  | ({ readonly kind: 'fold'; readonly hash: string; readonly state: unknown } & SnapshotPlace)
  /** The object is gone. Kept as a value for a while, so that a writer that is behind cannot bring it back. */
  | ({ readonly kind: 'gone' } & SnapshotPlace)
  /** The writer could not read all events of this object: a reader loads it by index. */
  | ({ readonly kind: 'unread' } & SnapshotPlace);

export function encodeWatermark(watermark: Watermark): string {
  return JSON.stringify(watermark);
}

export function decodeWatermark(text: string): Watermark | undefined {
  const json = parse(text);
  if (json === undefined || !isCount(json['seq']) || typeof json['hash'] !== 'string') return undefined;
  return { seq: json['seq'], hash: json['hash'] };
}

/** The value for a fold, or for an object that is gone when there is none. */
export function snapshotValue(place: SnapshotPlace, folded: Folded<unknown> | undefined): SnapshotValue {
  const { version, seq, at } = place;
  if (folded === undefined) return { kind: 'gone', version, seq, at };
  if (folded.newerThanMe) return { kind: 'unread', version, seq, at };
  return { kind: 'fold', version, seq, at, hash: folded.hash, state: folded.state };
}

export function encodeSnapshotValue(value: SnapshotValue): string {
  const { kind, ...rest } = value;
  if (kind === 'fold') return JSON.stringify(rest);
  return JSON.stringify(kind === 'gone' ? { ...rest, deleted: true } : { ...rest, unread: true });
}

export function decodeSnapshotValue(text: string): SnapshotValue | undefined {
  const json = parse(text);
  if (json === undefined) return undefined;
  const { version, seq, at, hash, state } = json;
  if (!isCount(version) || !isCount(seq) || typeof at !== 'string') return undefined;
  if (json['deleted'] === true) return { kind: 'gone', version, seq, at };
  if (json['unread'] === true) return { kind: 'unread', version, seq, at };
  if (typeof hash !== 'string' || state === undefined) return undefined;
  return { kind: 'fold', version, seq, at, hash, state };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
