// Which stream holds a family of histories, so that another one in its place can be told apart.
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { HistoryNames } from '../history-names.ts';

export interface StreamIdentity {
  readonly stream: string;
  /** When the server made the stream, as it tells it; backups keep it. */
  readonly createdAt: string;
}

/** Asks the server. @throws what the client throws when the server is away */
export async function readStreamIdentity(nc: NatsConnection, { stream }: HistoryNames): Promise<StreamIdentity> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  return { stream, createdAt: (await jsm.streams.info(stream)).created };
}
