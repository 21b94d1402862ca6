// The one connection of an app to NATS: identity, endless reconnecting, its state for readiness, closing.
import { readFileSync } from 'node:fs';
import { connect, nkeyAuthenticator, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { withDeadline } from './deadline.ts';
import type { Logger } from './logger.ts';
import { pause } from './pause.ts';
import type { Need } from './readiness.ts';
import type { Redacted } from './redacted.ts';

export interface ConnectNatsOptions {
  /** Name of the connection, and of its private inbox: see {@link inboxPrefix}. */
  readonly app: string;
  readonly url: string;
  /** NKEY seed; without it and `seedFile` the connection is anonymous. */
  readonly seed?: Redacted<string> | undefined;
  /** File with the seed, read again at each reconnect, so that a new key needs no restart. */
  readonly seedFile?: string | undefined;
  readonly log: Logger;
  /** Gives up waiting for the first connection. */
  readonly signal: AbortSignal;
}

const connectTimeoutMs = 5000;
const retryMs = 500;

/** Replies to an app come to subjects below this; its NATS user may subscribe to no other inbox. */
export function inboxPrefix(app: string): string {
  return `_INBOX_${app}`;
}

/**
 * Connects, trying until it works, and reconnects for ever after. Wrong credentials are retried too: the server may learn
 * of the key after the app started; each failure is logged.
 * @throws the signal's reason when it aborts first.
 */
export async function connectNats(options: ConnectNatsOptions): Promise<NatsConnection> {
  const { log, signal, url } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const connection = await connect(settingsOf(options));
      log.info({ server: connection.getServer(), attempt }, 'connected to NATS');
      return connection;
    } catch (err) {
      log.warn({ err, server: url, attempt }, 'no connection to NATS, trying again');
    }
    await pause(retryMs, signal);
  }
}

function settingsOf(options: ConnectNatsOptions): NodeConnectionOptions {
  const seed = seedReader(options);
  return {
    servers: options.url,
    name: options.app,
    inboxPrefix: inboxPrefix(options.app),
    timeout: connectTimeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: retryMs,
    reconnectJitter: retryMs,
    // Otherwise two refusals in a row, as during a change of keys, would close the connection for good.
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    maxPingOut: 2,
    // Without it the client would go on in the clear with a server that offers no TLS.
    ...(options.url.startsWith('tls://') ? { tls: {} } : {}),
    ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(seed) }),
  };
}

function seedReader(options: ConnectNatsOptions): (() => Uint8Array) | undefined {
  const { seed, seedFile } = options;
  const encoder = new TextEncoder();
  if (seedFile !== undefined) return () => encoder.encode(readFileSync(seedFile, 'utf8').trim());
  return seed === undefined ? undefined : () => encoder.encode(seed.reveal());
}

/** Keeps `need` (and the log) at what the connection is, until it is closed. */
export function reportNats(connection: NatsConnection, need: Need, log: Logger): void {
  need.set(!connection.isClosed(), 'NATS: closed');
  void followStatus(connection, need, log);
}

async function followStatus(connection: NatsConnection, need: Need, log: Logger): Promise<void> {
  for await (const status of connection.status()) {
    switch (status.type) {
      case 'disconnect':
      case 'staleConnection':
        need.set(false, 'NATS: disconnected');
        log.warn({ reason: status.type }, 'lost the connection to NATS');
        break;
      case 'reconnect':
        need.set(true);
        log.info({ server: status.server }, 'reconnected to NATS');
        break;
      case 'error':
        log.error({ err: status.error }, 'NATS reported an error');
        break;
      case 'close':
        need.set(false, 'NATS: closed');
        break;
      case 'slowConsumer':
        log.warn({ subject: status.sub.getSubject(), count: status.pending }, 'NATS messages pile up');
        break;
      case 'ldm':
      case 'update':
      case 'reconnecting':
      case 'ping':
      case 'forceReconnect':
        break;
    }
  }
  need.set(false, 'NATS: closed');
}

/** Lets subscriptions and publishes finish for at most `deadlineMs`, then closes. Safe to call twice. */
export async function closeNats(connection: NatsConnection, deadlineMs = 5000): Promise<void> {
  if (connection.isClosed()) return;
  const drain = connection.isDraining() ? connection.closed() : connection.drain();
  // A server that is away cannot confirm: closing is all that is left.
  await withDeadline(deadlineMs, undefined, async () => drain).catch(() => undefined);
  await connection.close();
}
