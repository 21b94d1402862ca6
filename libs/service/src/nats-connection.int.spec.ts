import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys, type NatsConnection } from '@nats-io/transport-node';
import { eventually, natsServerFixture, type NatsServerFixture } from '@pods/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { closeNats, connectNats, inboxPrefix, reportNats, type ConnectNatsOptions } from './nats-connection.ts';
import { createReadiness } from './readiness.ts';
import { Redacted } from './redacted.ts';

const user = nkeys.createUser();
const seed = new TextDecoder().decode(user.getSeed());
const stranger = new TextDecoder().decode(nkeys.createUser().getSeed());
const log = createLogger({ app: 'spec', level: 'silent' });

let server: NatsServerFixture;
let folder: string;
let opened: NatsConnection[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nats-connection-spec-'));
  // Rights as an app has them: no inbox but its own.
  server = await natsServerFixture(`authorization { users = [ { nkey: ${user.getPublicKey()}, permissions: {
    publish: ["svc.>"], subscribe: ["svc.>", "${inboxPrefix('spec')}.>"], allow_responses: true } } ] }`);
});
afterEach(async () => {
  await Promise.all(opened.map(async (connection) => closeNats(connection, 100)));
  opened = [];
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function connect(options: Partial<ConnectNatsOptions>): Promise<NatsConnection> {
  const { signal } = new AbortController();
  const connection = await connectNats({ app: 'spec', url: server.url, log, signal, ...options });
  opened.push(connection);
  return connection;
}

async function echoWorks(connection: NatsConnection): Promise<boolean> {
  const answer = await connection.request('svc.echo', 'hello', { timeout: 1000 });
  return answer.string() === 'hello';
}

function serveEcho(connection: NatsConnection): void {
  connection.subscribe('svc.echo', { callback: (_error, message) => void message.respond(message.data) });
}

it('identifies itself by its key and gets replies in its own inbox only', async () => {
  const connection = await connect({ seed: new Redacted(seed) });
  serveEcho(connection);
  expect(await echoWorks(connection)).toBe(true);
});

it('reads the key from a file', async () => {
  const seedFile = join(folder, 'seed');
  await writeFile(seedFile, `${seed}\n`);
  const connection = await connect({ seedFile });
  serveEcho(connection);
  expect(await echoWorks(connection)).toBe(true);
});

it('a key that becomes known later is enough: it goes on trying with what the file then holds', async () => {
  const seedFile = join(folder, 'late');
  await writeFile(seedFile, stranger);
  const refused = Promise.withResolvers<unknown>();
  const watching = createLogger({ app: 'spec', level: 'warn', destination: { write: refused.resolve } });
  const connecting = connect({ seedFile, log: watching });
  await refused.promise;
  await writeFile(seedFile, seed);
  expect((await connecting).isClosed()).toBe(false);
});

it('gives up the first connection when it is told to stop', async () => {
  const stopping = new AbortController();
  const connecting = connect({ seed: new Redacted(stranger), signal: stopping.signal });
  stopping.abort(new Error('stopping'));
  await expect(connecting).rejects.toThrow('stopping');
});

it('does not write the key into the log', async () => {
  const lines: string[] = [];
  const stopping = new AbortController();
  const watching = createLogger({
    app: 'spec',
    level: 'trace',
    destination: {
      write: (line) => {
        lines.push(line);
        stopping.abort(new Error('seen enough'));
      },
    },
  });
  await expect(connect({ seed: new Redacted(stranger), log: watching, signal: stopping.signal })).rejects.toThrow(
    'seen',
  );
  expect(lines.join('')).toContain('no connection to NATS');
  expect(lines.join('')).not.toContain(stranger);
});

it('survives a killed server: not ready while it is away, then ready with its subscriptions working', async () => {
  const connection = await connect({ seed: new Redacted(seed) });
  serveEcho(connection);
  const readiness = createReadiness();
  reportNats(connection, readiness.need('nats'), log);
  expect(readiness.state().ready).toBe(true);
  await server.kill('SIGKILL');
  await eventually(() => !readiness.state().ready);
  expect(readiness.state().reasons).toEqual({ nats: 'NATS: disconnected' });
  await server.restart();
  await eventually(() => readiness.state().ready);
  expect(await echoWorks(connection)).toBe(true);
});

it('is not ready after it was closed', async () => {
  const connection = await connect({ seed: new Redacted(seed) });
  const readiness = createReadiness();
  reportNats(connection, readiness.need('nats'), log);
  await closeNats(connection);
  await eventually(() => !readiness.state().ready);
  expect(readiness.state().reasons).toEqual({ nats: 'NATS: closed' });
});

it('closes within its deadline while the server is away, and twice without harm', async () => {
  const connection = await connect({ seed: new Redacted(seed) });
  await server.kill('SIGKILL');
  try {
    await closeNats(connection, 50);
    await closeNats(connection, 50);
    expect(connection.isClosed()).toBe(true);
  } finally {
    await server.restart();
  }
});

it('never goes on in the clear when TLS was asked for and the server has none', async () => {
  const ending = new AbortController();
  const url = server.url.replace('nats://', 'tls://');
  const refused: string[] = [];
  const destination = {
    write: (line: string): void => {
      refused.push(line);
      ending.abort(new Error('enough was seen'));
    },
  };
  const watched = createLogger({ app: 'spec', level: 'warn', destination });
  const connecting = connectNats({ app: 'spec', url, log: watched, signal: ending.signal, seed: new Redacted(seed) });
  await expect(connecting).rejects.toThrow('enough was seen');
  expect(refused.join('')).toContain('no connection to NATS');
});
