// Events out of the client's three kinds of messages.
import type { JsMsg, StoredMsg } from '@nats-io/jetstream';
import type { HistoryNames } from '../history-names.ts';
import { parseEventSubject } from '../history-names.ts';
import type { RecordedEvent } from '../port.ts';
import { decodeEvent } from '../wire.ts';

/** An event that was read; undefined for a message that has no event's subject. */
export function decodeStored(names: HistoryNames, message: StoredMsg): RecordedEvent | undefined {
  const place = parseEventSubject(names, message.subject);
  if (place === undefined) return undefined;
  return decodeEvent(place.key, place.version, {
    header: (name) => message.header.get(name),
    body: message.data,
    seq: message.seq,
    at: new Date(message.timestamp).toISOString(),
  });
}

/** An event that a consumer delivered; undefined for a message that has no event's subject. */
export function decodeDelivered(names: HistoryNames, message: JsMsg): RecordedEvent | undefined {
  const place = parseEventSubject(names, message.subject);
  if (place === undefined) return undefined;
  return decodeEvent(place.key, place.version, {
    header: (name) => message.headers?.get(name) ?? '',
    body: message.data,
    seq: message.seq,
    // The client's own date goes through a number of nanoseconds, which loses the last digits.
    at: new Date(Number(message.timestampNanos / 1_000_000n)).toISOString(),
  });
}
