// How an event is laid out in a message: header names, the encoding of header values, the body. No I/O.
import { hashEvent } from './hash.ts';
import type { HistoryKey, NewEvent, RecordedEvent, Version } from './port.ts';

/** The headers of every event: the one place where they are spelled. */
export const eventHeaders = {
  type: 'Pod-Event-Type',
  eventId: 'Pod-Event-Id',
  causeId: 'Pod-Cause-Id',
  causeHash: 'Pod-Cause-Hash',
  actor: 'Pod-Actor',
  schema: 'Pod-Schema',
  previousHash: 'Pod-Previous-Hash',
} as const;

/** The type of a message that is no event of ours: no domain knows it, so its object counts as newer than us. */
export const unreadableType = '#unreadable';

/** A message ready to be stored. */
export interface EncodedEvent {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly hash: string;
}

/** A stored message, as any adapter can give it. */
export interface StoredMessage {
  /** The value of a header, or an empty text. */
  readonly header: (name: string) => string;
  readonly body: Uint8Array;
  readonly seq: number;
  readonly at: string;
}

/** Lays out an event for the place `version` of `key`. */
export function encodeEvent(key: HistoryKey, version: Version, event: NewEvent): EncodedEvent {
  const body = new TextEncoder().encode(JSON.stringify(event.body));
  return {
    headers: [
      [eventHeaders.type, encodeHeaderValue(event.type)],
      [eventHeaders.eventId, encodeHeaderValue(event.eventId)],
      [eventHeaders.causeId, encodeHeaderValue(event.causeId)],
      [eventHeaders.causeHash, encodeHeaderValue(event.causeHash)],
      [eventHeaders.actor, encodeHeaderValue(event.actor)],
      [eventHeaders.schema, String(event.schema)],
      [eventHeaders.previousHash, encodeHeaderValue(event.previousHash)],
    ],
    body,
    hash: hashEvent({ ...wellFormed(event), key, version, bodyBytes: body }),
  };
}

/** Reads a stored message. Total: what is no event of ours comes back with {@link unreadableType}. */
export function decodeEvent(key: HistoryKey, version: Version, message: StoredMessage): RecordedEvent {
  const text = (name: string): string => decodeHeaderValue(message.header(name));
  const type = text(eventHeaders.type);
  const schemaText = message.header(eventHeaders.schema);
  const schema = /^\d{1,9}$/.test(schemaText) ? Number(schemaText) : -1;
  const body = parseBody(message.body);
  const written = {
    eventId: text(eventHeaders.eventId),
    causeId: text(eventHeaders.causeId),
    causeHash: text(eventHeaders.causeHash),
    actor: text(eventHeaders.actor),
    schema,
    previousHash: text(eventHeaders.previousHash),
  };
  const readable = type !== '' && schema >= 0 && body !== undefined;
  return {
    ...written,
    type: readable ? type : unreadableType,
    body: body ?? {},
    key,
    version,
    hash: hashEvent({ ...written, type, key, version, bodyBytes: message.body }),
    seq: message.seq,
    at: message.at,
  };
}

function wellFormed(event: NewEvent): NewEvent {
  return {
    ...event,
    type: event.type.toWellFormed(),
    eventId: event.eventId.toWellFormed(),
    causeId: event.causeId.toWellFormed(),
    actor: event.actor.toWellFormed(),
  };
}

/**
 * Percent-encodes whatever a header cannot carry as it is: control characters would end the line, and clients
 * trim spaces and read bytes outside ASCII in different ways.
 */
export function encodeHeaderValue(value: string): string {
  return value.toWellFormed().replaceAll(/[^\x21-\x24\x26-\x7e]/gu, (character) => {
    const bytes = new TextEncoder().encode(character);
    return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
  });
}

/** The inverse of {@link encodeHeaderValue}; a value written by somebody else comes back unchanged. */
export function decodeHeaderValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function parseBody(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
