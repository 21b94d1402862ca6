// One session of a durable consumer: makes sure that it is there, and hands over what it delivers.
import type { ConsumerConfig, ConsumerMessages, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { nanos } from '@nats-io/nats-core';
import type { ConnectionWatch } from '../nats/connection-watch.ts';
import { apiCode } from '../nats/failures.ts';
import { endsSession } from '../nats/sessions.ts';

export interface FeedOptions {
  readonly nc: NatsConnection;
  readonly stream: string;
  readonly durable: string;
  readonly forgetAfterMs: number;
  readonly batchMax: number;
  readonly take: (message: JsMsg) => void;
  readonly connection: ConnectionWatch;
  readonly signal: AbortSignal;
}

/** How long the server waits for an acknowledgement or a sign of work. */
export const ackWaitMs = 15_000;

const heartbeatMs = 5000;
/** How long to wait for a connection before a request. */
const connectMs = 5000;
/** "Consumer already exists" with another configuration. */
const consumerDiffersCode = 10_148;

/** Delivers until something goes wrong or `signal` ends it. @throws what the client throws */
export async function feedOnce(options: FeedOptions): Promise<void> {
  const { nc, stream, durable, forgetAfterMs, batchMax, take, connection, signal } = options;
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const consumer = await connection.request(connectMs, async () => {
    await ensureConsumer(jsm, stream, {
      durable_name: durable,
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_deliver: -1,
      // Names change (each new copy has its own), and apps have no right to delete consumers.
      inactive_threshold: nanos(forgetAfterMs),
      max_ack_pending: batchMax * 2,
    });
    return jetstream(nc).consumers.get(stream, durable);
  });
  const messages = await consumer.consume({
    max_messages: batchMax,
    expires: 30_000,
    idle_heartbeat: heartbeatMs,
    abort_on_missing_resource: true,
    callback: take,
  });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const watching = watch(messages);
  const ended = await messages.closed();
  signal.removeEventListener('abort', stop);
  await watching;
  if (ended instanceof Error) throw ended;
}

async function watch(messages: ConsumerMessages): Promise<void> {
  for await (const notice of messages.status()) {
    if (endsSession(notice)) messages.stop();
  }
}

async function ensureConsumer(jsm: JetStreamManager, stream: string, config: Partial<ConsumerConfig>): Promise<void> {
  try {
    await jsm.consumers.add(stream, config);
  } catch (error) {
    if (apiCode(error) !== consumerDiffersCode || config.durable_name === undefined) throw error;
    const { durable_name: name, ack_wait = 0, max_ack_pending = -1, inactive_threshold = 0 } = config;
    await jsm.consumers.update(stream, name, { ack_wait, max_ack_pending, inactive_threshold });
  }
}
