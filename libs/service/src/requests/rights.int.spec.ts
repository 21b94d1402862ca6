// The rights that the README names for asking and answering are enough, on a server that grants nothing else.
import { nkeys, type NatsConnection } from '@nats-io/transport-node';
import { natsServerFixture, type NatsServerFixture } from '@pods/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../logger.ts';
import { closeNats, connectNats, inboxPrefix } from '../nats-connection.ts';
import { Redacted } from '../redacted.ts';
import { answered } from './answer.ts';
import { collectBytes, requestChunks } from './request-chunks.ts';
import { request } from './request.ts';
import { serveChunks } from './serve-chunks.ts';
import { serveRequests } from './serve-requests.ts';

const partsMax = 8;
const keys = { asker: nkeys.createUser(), server: nkeys.createUser() };
const log = createLogger({ app: 'spec', level: 'silent' });
let nats: NatsServerFixture;
let asker: NatsConnection;
let server: NatsConnection;

async function connect(app: 'asker' | 'server'): Promise<NatsConnection> {
  const seed = new Redacted(new TextDecoder().decode(keys[app].getSeed()));
  return connectNats({ app, url: nats.url, seed, log, signal: new AbortController().signal });
}

beforeAll(async () => {
  nats = await natsServerFixture(`authorization { users = [
    { nkey: ${keys.asker.getPublicKey()}, permissions: {
      publish: ["svc.>"], subscribe: ["${inboxPrefix('asker')}.>"], allow_responses: true } }
    { nkey: ${keys.server.getPublicKey()}, permissions: {
      publish: { deny: [">"] }, subscribe: ["svc.>", "${inboxPrefix('server')}.>"],
      allow_responses: { max: ${partsMax + 1}, expires: "2m" } } }
  ] }`);
  [asker, server] = await Promise.all([connect('asker'), connect('server')]);
  const options = { queue: 'spec', schema: z.number(), deadlineMs: 10_000, log };
  serveRequests(server, 'svc.echo', { ...options, handler: async (n) => Promise.resolve(answered(n)) });
  serveChunks(server, 'svc.bytes', { ...options, handler: async (n) => Promise.resolve(answered(bytes(n))) });
  await server.flush();
});
afterAll(async () => {
  await Promise.all([closeNats(asker, 100), closeNats(server, 100)]);
  await nats.stop();
});

async function* bytes(count: number): AsyncGenerator<Uint8Array, void, void> {
  for (let number = 1; number <= count; number += 1) yield Promise.resolve(Buffer.alloc(number));
}

it('for a question with one answer', async () => {
  expect(await request(asker, 'svc.echo', 7, { timeoutMs: 5000, schema: z.number() })).toEqual(answered(7));
});

it('for an answer of as many parts as were allowed', async () => {
  const options = { inbox: inboxPrefix('asker'), timeoutMs: 5000, deadlineMs: 10_000 };
  const answer = await requestChunks(asker, 'svc.bytes', partsMax, options);
  if (!answer.ok) throw new Error(answer.refusal.code);
  expect(await collectBytes(answer.value, 1000)).toHaveLength((partsMax * (partsMax + 1)) / 2);
});
