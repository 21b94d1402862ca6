// Appends while the network and the server fail: what was acknowledged is there, nothing is there twice, and an
// event whose answer was lost is known as one's own.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { provisionNats, specSizes } from '@pods/provision';
import type { NatsServerFixture } from '@pods/testing';
import { eventually, natsServerFixture } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleCommand } from '../handle-command.ts';
import { verifyHistory } from '../hash.ts';
import { podHistories } from '../history-names.ts';
import type { EventLog, HistoryKey, RecordedEvent } from '../port.ts';
import { genesisHash, LogFullError, LogUnavailableError } from '../port.ts';
import { appendHistory, freshKey, sampleEvent } from '../testing/event-log-contract.ts';
import type { FaultProxy } from '../testing/fault-proxy.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import { tallyAggregate } from '../testing/tally.ts';
import { openNatsLog } from './nats-log.ts';

const names = topology();
let server: NatsServerFixture;
let direct: NatsConnection;
let connections: NatsConnection[];
let proxy: FaultProxy;

beforeEach(async () => {
  server = await natsServerFixture();
  connections = [];
  direct = await open(server.url);
  await provisionNats(direct, { names, replicas: 1, maxBytes: specSizes });
  proxy = await startFaultProxy(Number(new URL(server.url).port));
});
afterEach(async () => {
  await Promise.all(connections.map((nc) => nc.close()));
  await proxy.close();
  await server.stop();
});

async function open(url: string): Promise<NatsConnection> {
  const nc = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 50, reconnectJitter: 0 });
  connections.push(nc);
  return nc;
}

const logOf = (nc: NatsConnection, deadlines = {}): Promise<EventLog> =>
  openNatsLog({ nc, names: podHistories(names), ...deadlines });
const throughProxy = async (deadlines = {}): Promise<EventLog> =>
  logOf(await open(`nats://127.0.0.1:${proxy.port}`), deadlines);

describe('an append whose answer is lost', () => {
  it('is known as stored when the connection is back, and is stored once', async () => {
    const [log, witness] = [await throughProxy(), await logOf(direct)];
    const key = freshKey();
    const lost = proxy.loseAnswersTo(`HPUB pods.events.${key.join('.')}.1 `);
    const appending = log.append(key, 1, sampleEvent());
    await lost;
    const stored = await eventually(async () => {
      const event = await witness.readAt(key, 1);
      if (event === undefined) throw new Error('not stored yet');
      return event;
    });
    proxy.breakConnections();
    expect(await appending).toEqual({ kind: 'appended', seq: stored.seq, hash: stored.hash });
    expect(await witness.read(key)).toEqual([stored]);
  });

  it('is a conflict when somebody else wrote the version in the meantime', async () => {
    const [log, witness] = [await throughProxy(), await logOf(direct)];
    const key = freshKey();
    await witness.append(key, 1, sampleEvent({ actor: 'somebody else' }));
    const lost = proxy.loseAnswersTo(`HPUB pods.events.${key.join('.')}.1 `);
    const appending = log.append(key, 1, sampleEvent());
    await lost;
    proxy.breakConnections();
    expect(await appending).toEqual({ kind: 'conflict' });
    expect(await witness.read(key)).toMatchObject([{ actor: 'somebody else' }]);
  });

  it('is said to be unknown when the connection does not come back in time', async () => {
    const [log, witness] = [await throughProxy({ appendDeadlineMs: 700, attemptTimeoutMs: 300 }), await logOf(direct)];
    const key = freshKey();
    const event = sampleEvent();
    const lost = proxy.loseAnswersTo(`HPUB pods.events.${key.join('.')}.1 `);
    const appending = log.append(key, 1, event);
    await lost;
    await expect(appending).rejects.toMatchObject({ code: 'log_unavailable', outcomeUnknown: true });
    // The same event again, later, finds out what became of it.
    expect(await witness.append(key, 1, event)).toMatchObject({ kind: 'appended' });
    expect(await witness.read(key)).toHaveLength(1);
  });
});

describe('an account that has no room left', () => {
  it('is said to be full, and nothing is stored', async () => {
    const account = 'accounts { SMALL { jetstream: { max_file: 1MB }, users: [ { user: u, password: p } ] } }';
    await using small = await smallServer(`${account}\nno_auth_user: u`);
    const nc = await open(small.url);
    const jsm = await jetstreamManager(nc);
    const subjects = [names.subjects.allPodEvents];
    await jsm.streams.add({ name: names.streams.podEvents, subjects, allow_direct: true });
    await jsm.streams.add({ name: 'OTHERS', subjects: ['others'] });
    await fill(nc, 'others');
    const log = await logOf(nc);
    const key = freshKey();
    const event = sampleEvent({ body: { text: 'x'.repeat(50_000) } });
    await expect(log.append(key, 1, event)).rejects.toBeInstanceOf(LogFullError);
    expect(await log.last(key)).toBeUndefined();
  });
});

async function smallServer(config: string): Promise<NatsServerFixture & AsyncDisposable> {
  const fixture = await natsServerFixture(config);
  return { ...fixture, [Symbol.asyncDispose]: () => fixture.stop() };
}

/** Publishes until there is no room for 50,000 bytes more. */
async function fill(nc: NatsConnection, subject: string): Promise<void> {
  for (let each = 0; each < 100; each += 1) {
    const stored = await jetstream(nc)
      .publish(subject, new Uint8Array(50_000))
      .catch(() => undefined);
    if (stored === undefined) return;
  }
  throw new Error('there is no end to the room');
}

describe('a log without a server', () => {
  it('says that nothing can have been stored when the connection was closed before', async () => {
    const nc = await open(server.url);
    const log = await logOf(nc);
    await nc.close();
    const refused = log.append(freshKey(), 1, sampleEvent());
    await expect(refused).rejects.toMatchObject({ code: 'log_unavailable', outcomeUnknown: false });
    await expect(log.last(freshKey())).rejects.toBeInstanceOf(LogUnavailableError);
  });

  it('answers reads again as soon as the server is back', async () => {
    const log = await logOf(direct);
    const key = freshKey();
    await appendHistory(log, key, 3);
    await server.kill('SIGKILL');
    const reading = log.read(key);
    await server.restart();
    expect(await reading).toHaveLength(3);
  });
});

interface Acknowledged {
  readonly key: HistoryKey;
  readonly version: number;
  readonly eventId: string;
  readonly seq: number;
}

/** Appends to a history until `count` of its own events are acknowledged, going on after conflicts. */
async function appendOwn(log: EventLog, key: HistoryKey, count: number, done: Acknowledged[]): Promise<void> {
  for (let own = 0; own < count;) {
    const last = await log.last(key, { fresh: true });
    const version = (last?.version ?? 0) + 1;
    const event = sampleEvent({ previousHash: last?.hash ?? genesisHash });
    const outcome = await log.append(key, version, event);
    if (outcome.kind === 'conflict') continue;
    done.push({ key, version, eventId: event.eventId, seq: outcome.seq });
    own += 1;
  }
}

describe('1,000 appends while the server is killed', () => {
  it('lose nothing that was acknowledged, store nothing twice, and leave no gap', { timeout: 120_000 }, async () => {
    const shared = freshKey();
    const acknowledged: Acknowledged[] = [];
    const logs = await Promise.all([1, 2, 3, 4].map(async () => logOf(await open(server.url))));
    // Each writer has a history of its own, and all four race on a fifth.
    const own = logs.map((log) => appendOwn(log, freshKey(), 200, acknowledged));
    const racing = logs.map((log) => appendOwn(log, shared, 50, acknowledged));
    for (const mark of [150, 400, 650, 850]) {
      await eventually(() => acknowledged.length >= mark, { timeoutMs: 60_000, intervalMs: 1 });
      await server.kill('SIGKILL');
      await server.restart();
    }
    await Promise.all([...own, ...racing]);

    expect(acknowledged).toHaveLength(1000);
    const log = await logOf(direct);
    const keys = new Map(acknowledged.map(({ key }) => [key.join('.'), key]));
    const stored: RecordedEvent[] = [];
    for (const key of keys.values()) {
      const history = await log.read(key);
      expect(verifyHistory(history)).toMatchObject({ ok: true, version: history.length });
      stored.push(...history);
    }
    const places = (events: readonly Acknowledged[]): readonly string[] =>
      events.map(({ key, version, eventId, seq }) => `${seq} ${key.join('.')} ${version} ${eventId}`).toSorted();
    expect(places(stored)).toEqual(places(acknowledged));
    expect(new Set(stored.map(({ eventId }) => eventId)).size).toBe(stored.length);
  });
});

describe('commands while the server is killed', () => {
  it('from several writers on one object all take effect exactly once', { timeout: 60_000 }, async () => {
    const key = freshKey();
    const logs = await Promise.all([1, 2].map(async () => logOf(await open(server.url))));
    const tell = async (log: EventLog, type: 'Open' | 'Add'): Promise<void> => {
      const command = type === 'Open' ? ({ type } as const) : ({ type, amount: 1 } as const);
      const deps = { log, aggregate: tallyAggregate, cached: () => undefined, assertMayEmit: () => {} };
      await handleCommand(deps, key, { commandId: crypto.randomUUID(), commandHash: '', actor: 'ada' }, command);
    };
    const [first] = logs;
    if (first !== undefined) await tell(first, 'Open');
    let told = 0;
    const telling = logs.map(async (log) => {
      for (let each = 0; each < 60; each += 1) {
        await tell(log, 'Add');
        told += 1;
      }
    });
    await eventually(() => told >= 40, { timeoutMs: 30_000, intervalMs: 1 });
    await server.kill('SIGKILL');
    await server.restart();
    await Promise.all(telling);
    const log = await logOf(direct);
    expect(await log.read(key)).toHaveLength(121);
  });
});
