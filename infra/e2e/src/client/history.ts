// A pod's history as the log holds it, read with the administrator's credential.
import { readFileSync } from 'node:fs';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import type { RecordedEvent } from '@pods/event-store';
import { openNatsLog, podHistories, verifyHistory } from '@pods/event-store';
import { expect } from 'vitest';
import { z } from 'zod';

const streamSchema = z.object({ state: z.object({ messages: z.int() }) });

export interface HistoryReader {
  readonly of: (tenant: string, podId: string) => Promise<readonly RecordedEvent[]>;
  /** How many messages the apps gave up. */
  readonly poisoned: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export async function openHistory(natsUrl: string, seedFile: string): Promise<HistoryReader> {
  const seed = new TextEncoder().encode(readFileSync(seedFile, 'utf8').trim());
  const nc = await connect({
    servers: natsUrl,
    authenticator: nkeyAuthenticator(seed),
    inboxPrefix: '_INBOX_admin',
    // Specs stop the server for longer than the default would wait.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
  });
  const log = await openNatsLog({ nc, names: podHistories(topology()) });
  return {
    of: (tenant, podId) => log.read([tenant, podId]),
    poisoned: async () => {
      const reply = await nc.request(`$JS.API.STREAM.INFO.${topology().streams.poison}`);
      return streamSchema.parse(reply.json()).state.messages;
    },
    close: () => nc.close(),
  };
}

/** The types of the events from the newest creation on. */
export function typesOf(history: readonly RecordedEvent[]): readonly string[] {
  const created = history.findLastIndex((event) => event.type === 'PodCreated');
  return history.slice(Math.max(0, created)).map((event) => event.type);
}

/** Versions 1, 2, 3… without a gap, each carrying the hash of the one before. */
export function expectUnbroken(history: readonly RecordedEvent[]): void {
  expect(history.map((event) => event.version)).toEqual(history.map((_, index) => index + 1));
  expect(verifyHistory(history)).toMatchObject({ ok: true });
}
