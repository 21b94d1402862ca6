// Events that an app could not handle: recorded on a stream of their own, with the reason, and listable.
import type { JsMsg } from '@nats-io/jetstream';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { isRecord } from '../wire.ts';

export interface PoisonRecord {
  readonly consumer: string;
  readonly stream: string;
  /** Subject and sequence of the event that could not be handled: it still is where it was. */
  readonly subject: string;
  readonly seq: number;
  readonly code: string;
  readonly why: string;
  /** When it was given up, ISO 8601. */
  readonly at: string;
}

/** Stores a record. Repeating it is harmless: lists show an event once per consumer. */
export async function recordPoison(nc: NatsConnection, poisonSubject: string, record: PoisonRecord): Promise<void> {
  await jetstream(nc).publish(poisonSubject, JSON.stringify(record), {
    msgID: `${record.stream}/${record.consumer}/${record.seq}`,
  });
}

/**
 * The records, oldest first, one per consumer and event.
 * @param subjects which ones: `poison.<app>.<stream>`, or a pattern
 */
export async function listPoison(
  nc: NatsConnection,
  stream: string,
  subjects: string,
): Promise<readonly PoisonRecord[]> {
  const consumer = await jetstream(nc).consumers.get(stream, {
    filter_subjects: subjects,
    deliver_policy: DeliverPolicy.All,
    inactive_threshold: 30_000,
  });
  const records = new Map<string, PoisonRecord>();
  if ((await consumer.info(true)).num_pending === 0) return [];
  const messages = await consumer.consume({ max_messages: 200, expires: 5000 });
  const giveUp = setTimeout(() => messages.stop(), 10_000);
  try {
    for await (const message of messages) {
      giveUp.refresh();
      const record = parse(message);
      const key = record === undefined ? '' : `${record.stream}/${record.consumer}/${record.seq}`;
      if (record !== undefined && !records.has(key)) records.set(key, record);
      if (message.info.pending === 0) return [...records.values()];
    }
  } finally {
    clearTimeout(giveUp);
    await messages.close();
  }
  throw new Error('the poison records were not delivered in time; try again');
}

function parse(message: JsMsg): PoisonRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(message.string());
  } catch {
    return undefined;
  }
  if (!isRecord(json)) return undefined;
  const text = (name: string): string => {
    const value = json[name];
    return typeof value === 'string' ? value : '';
  };
  const seq = json['seq'];
  if (typeof seq !== 'number') return undefined;
  return {
    consumer: text('consumer'),
    stream: text('stream'),
    subject: text('subject'),
    seq,
    code: text('code'),
    why: text('why'),
    at: text('at'),
  };
}
