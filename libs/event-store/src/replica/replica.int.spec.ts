// A replica on a real server: what it holds, when it says so, and that nothing but a broken log stops it.
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { specSizes, provisionNats } from '@pods/provision';
import type { NatsServerFixture } from '@pods/testing';
import { natsServerFixture } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handleCommand } from '../handle-command.ts';
import { podHistories } from '../history-names.ts';
import { loadFromLog } from '../load.ts';
import { openNatsLog } from '../nats/nats-log.ts';
import type { EventLog, HistoryKey } from '../port.ts';
import { sampleEvent } from '../testing/event-log-contract.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import type { TallyCommand, TallyEvent, TallyState } from '../testing/tally.ts';
import { tallyAggregate } from '../testing/tally.ts';
import { createReplica } from './create-replica.ts';
import type { ReplicaOptions } from './create-replica.ts';
import type { Replica } from './replica.ts';
import { ReplicaBehindError, ReplicaFailedError } from './replica.ts';

const names = podHistories(topology());
const wait = { deadlineMs: 15_000 };
let server: NatsServerFixture;
let nc: NatsConnection;
let log: EventLog;
let replicas: Replica<TallyState>[];

beforeEach(async () => {
  server = await natsServerFixture();
  nc = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  await provisionNats(nc, { names: topology(), replicas: 1, maxBytes: specSizes });
  log = await openNatsLog({ nc, names });
  replicas = [];
});
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.close()));
  await nc.close();
  await server.stop();
});

function open(options: Partial<ReplicaOptions<TallyState, TallyEvent>> = {}): Replica<TallyState> {
  const replica = createReplica({ nc, names, aggregate: tallyAggregate, log, ...options });
  replicas.push(replica);
  return replica;
}

async function tell(key: HistoryKey, command: TallyCommand): Promise<{ version: number; seq: number }> {
  const result = await handleCommand(
    { log, aggregate: tallyAggregate, cached: () => undefined, assertMayEmit: () => {} },
    key,
    { commandId: crypto.randomUUID(), commandHash: '', actor: 'ada' },
    command,
  );
  if (result.kind !== 'appended') throw new Error(`not appended: ${result.kind}`);
  return result;
}

const key = (id: string): HistoryKey => ['lab', id];

/** A connection on which every new consumer says what one says that a copy of an empty stream was asked for. */
function withLaggingConsumers(real: NatsConnection): NatsConnection {
  const request: NatsConnection['request'] = async (subject, payload, options) => {
    const answer = await real.request(subject, payload, options);
    if (!subject.includes('.CONSUMER.CREATE.')) return answer;
    const data = new TextEncoder().encode(answer.string().replace(/"num_pending":\d+/, '"num_pending":0'));
    return new Proxy(answer, {
      get: (message, name): unknown => (name === 'data' ? data : Reflect.get(message, name)),
    });
  };
  return new Proxy(real, {
    get: (connection, name): unknown => (name === 'request' ? request : Reflect.get(connection, name)),
  });
}

async function makeTally(id: string, adds: number): Promise<{ version: number; seq: number }> {
  let last = await tell(key(id), { type: 'Open' });
  for (let each = 0; each < adds; each += 1) last = await tell(key(id), { type: 'Add', amount: 1 });
  return last;
}

describe('a replica', () => {
  it('is caught up at once on an empty stream', async () => {
    const replica = open();
    await replica.caughtUp;
    expect([replica.size, replica.appliedSeq, replica.isCaughtUp]).toEqual([0, 0, true]);
  });

  it('is not caught up because a consumer, whose copy of the stream lags, has nothing to deliver yet', async () => {
    const { seq } = await makeTally('alpha', 3);
    const replica = open({ nc: withLaggingConsumers(nc) });
    await replica.caughtUp;
    expect([replica.appliedSeq, replica.get(key('alpha'))?.version]).toEqual([seq, 4]);
  });

  it('is caught up at once on a stream whose events were all erased', async () => {
    const { seq } = await makeTally('alpha', 3);
    await (await jetstreamManager(nc)).streams.purge(names.stream);
    const replica = open();
    await replica.caughtUp;
    expect([replica.appliedSeq, replica.size]).toEqual([seq, 0]);
  });

  it('holds what was there and what comes, exactly as the log folds it', async () => {
    await makeTally('alpha', 3);
    const replica = open();
    await replica.caughtUp;
    const { seq } = await makeTally('beta', 5);
    await replica.whenApplied(seq, wait);
    expect([...replica.entries()].map(([name]) => name).toSorted()).toEqual(['lab.alpha', 'lab.beta']);
    for (const id of ['alpha', 'beta']) {
      expect(replica.get(key(id))).toEqual(await loadFromLog({ log, aggregate: tallyAggregate }, key(id)));
    }
    expect(replica.get('lab.beta')?.state.sum).toBe(5);
  });

  it('keeps no entry of what is gone, and takes an id that is used again', async () => {
    await makeTally('alpha', 2);
    await tell(key('alpha'), { type: 'Close' });
    const replica = open();
    await replica.caughtUp;
    expect(replica.size).toBe(0);
    const { version } = await makeTally('alpha', 1);
    expect((await replica.whenVersion(key('alpha'), version, wait)).state).toMatchObject({ round: 2, sum: 1 });
    await tell(key('alpha'), { type: 'Close' });
    const fresh = open();
    await fresh.caughtUp;
    const again = await tell(key('alpha'), { type: 'Open' });
    expect((await fresh.whenVersion(key('alpha'), again.version, wait)).state.round).toBe(3);
  });

  it('wakes listeners after the event is applied, in the order of the log', async () => {
    const seen: string[] = [];
    const replica = open({
      onApplied: (name, folded, event) => {
        seen.push(`${name} ${event.version} ${folded?.state.sum ?? 'gone'}`);
        if (folded !== undefined) expect(replica.get(name)).toBe(folded);
      },
    });
    await makeTally('alpha', 2);
    const { seq } = await tell(key('alpha'), { type: 'Close' });
    await replica.whenApplied(seq, wait);
    expect(seen).toEqual(['lab.alpha 1 0', 'lab.alpha 2 1', 'lab.alpha 3 2', 'lab.alpha 4 gone']);
  });

  it('answers with the fold at exactly the version asked for, also when it is past it', async () => {
    const replica = open();
    await replica.caughtUp;
    const { seq } = await makeTally('alpha', 9);
    const early = replica.whenVersion(key('alpha'), 4, wait);
    await replica.whenApplied(seq, wait);
    expect((await early).state.sum).toBe(3);
    expect((await replica.whenVersion(key('alpha'), 6, wait)).state.sum).toBe(5);
    const { version } = await tell(key('alpha'), { type: 'Close' });
    expect((await replica.whenVersion(key('alpha'), version, wait)).state.open).toBe(false);
    await makeTally('alpha', 0);
    expect((await replica.whenVersion(key('alpha'), version, wait)).version).toBe(version);
  });

  it('says that it is behind instead of waiting for ever', async () => {
    const replica = open();
    await expect(replica.whenApplied(5, { deadlineMs: 50 })).rejects.toBeInstanceOf(ReplicaBehindError);
    await expect(replica.whenVersion(key('alpha'), 1, { deadlineMs: 50 })).rejects.toBeInstanceOf(ReplicaBehindError);
  });

  it('marks an object with an unknown event as newer than itself, and goes on with the others', async () => {
    const replica = open();
    await makeTally('alpha', 1);
    await log.append(key('alpha'), 3, sampleEvent({ type: 'TallyDoubled' }));
    await log.append(key('alpha'), 4, sampleEvent({ type: 'TallyAdded', body: { amount: 'many' } }));
    const { seq } = await makeTally('beta', 1);
    await replica.whenApplied(seq, wait);
    expect(replica.get(key('alpha'))).toMatchObject({ version: 4, newerThanMe: true, state: { sum: 1 } });
    expect(replica.get(key('beta'))).toMatchObject({ newerThanMe: false });
  });

  it('knows how long ago it was in step', async () => {
    const replica = open();
    await replica.caughtUp;
    const before = replica.lastContactAt?.getTime() ?? 0;
    await vi.waitUntil(() => (replica.lastContactAt?.getTime() ?? 0) > before, { timeout: 10_000 });
    expect(replica.lagMs).toBeLessThan(5000);
    await server.kill('SIGKILL');
    await vi.waitUntil(() => replica.lagMs > 3000, { timeout: 10_000 });
  });
});

describe('a replica whose server is killed', () => {
  it('goes on where it stood when the server is back, several times in a row', async () => {
    const replica = open();
    let last = await makeTally('alpha', 3);
    for (let kills = 0; kills < 3; kills += 1) {
      await server.kill('SIGKILL');
      await server.restart();
      last = await tell(key('alpha'), { type: 'Add', amount: 10 });
      const before = performance.now();
      await replica.whenApplied(last.seq, wait);
      expect(performance.now() - before).toBeLessThan(2000);
    }
    expect(replica.get(key('alpha'))).toEqual(await loadFromLog({ log, aggregate: tallyAggregate }, key('alpha')));
    expect(replica.failure).toBeUndefined();
  });

  it('misses nothing when its connection breaks again and again', async () => {
    const proxy = await startFaultProxy(Number(new URL(server.url).port));
    const shaky = await connect({
      servers: `nats://127.0.0.1:${proxy.port}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 20,
      reconnectJitter: 0,
    });
    const seen: number[] = [];
    const replica = open({ nc: shaky, onApplied: (_name, _folded, event) => seen.push(event.seq) });
    await replica.caughtUp;
    for (let each = 1; each <= 300; each += 1) {
      await tell(key(`tally${each}`), { type: 'Open' });
      if (each % 50 === 0) proxy.breakConnections();
    }
    await replica.whenApplied(300, wait);
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(replica.size).toBe(300);
    await replica.close();
    await shaky.close();
    await proxy.close();
  });

  it('stops with an error when the stream has lost events', async () => {
    const replica = open();
    const { seq } = await makeTally('alpha', 5);
    await replica.whenApplied(seq, wait);
    const jsm = await jetstreamManager(nc);
    await jsm.streams.delete(names.stream);
    await provisionNats(nc, { names: topology(), replicas: 1, maxBytes: specSizes });
    await makeTally('alpha', 1);
    await vi.waitUntil(() => replica.failure !== undefined, { timeout: 15_000 });
    await expect(replica.whenApplied(99, wait)).rejects.toBeInstanceOf(ReplicaFailedError);
    expect(replica.get(key('alpha'))?.version).toBe(6);
  });
});
