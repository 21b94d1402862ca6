// A follower on a real server: each event is handled at least once, waits are no failures, and what cannot be
// handled is recorded instead of stopping the rest.
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { provisionNats, specSizes } from '@pods/provision';
import { eventually, freshPrefix, natsServerFixture } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { podHistories } from '../history-names.ts';
import { openNatsLog } from '../nats/nats-log.ts';
import type { EventLog, RecordedEvent } from '../port.ts';
import { sampleEvent } from '../testing/event-log-contract.ts';
import type { Follower, FollowerOptions } from './create-follower.ts';
import { createFollower } from './create-follower.ts';
import { done, poison, retryIn } from './outcome.ts';
import { listPoison } from './poison-records.ts';

let names = topology(freshPrefix());
let nc: NatsConnection;
let log: EventLog;
let followers: Follower[];

async function open(url: string): Promise<void> {
  names = topology(freshPrefix());
  nc = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
  log = await openNatsLog({ nc, names: podHistories(names) });
  followers = [];
}

beforeEach(() => open(inject('natsUrl')));
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.close()));
  await nc.close();
});

function follow(handler: FollowerOptions['handler'], options: Partial<FollowerOptions> = {}): Follower {
  const follower = createFollower({
    nc,
    names: podHistories(names),
    durable: 'copy',
    poisonSubject: names.subjects.poison('api', names.streams.podEvents),
    handler,
    ...options,
  });
  followers.push(follower);
  return follower;
}

/** Appends `count` first events of pods named by their number. */
async function appendPods(count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  await Promise.all(numbers.map((number) => log.append(['lab', `pod${number}`], 1, sampleEvent({ body: { number } }))));
}

const seqs = (events: readonly RecordedEvent[]): readonly number[] => events.map((event) => event.seq);

describe('a follower', () => {
  it('hands over every event once, in batches, in the order of the stream', async () => {
    await appendPods(250);
    const batches: (readonly number[])[] = [];
    const follower = follow(async (events) => {
      batches.push(seqs(events));
      return done;
    });
    await eventually(() => follower.handledSeq === 250 && follower.pending === 0);
    expect(batches.flat()).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    expect(batches.length).toBeLessThan(100);
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(100);
  });

  it('that gathers hands over a batch when it is full, or after its time', async () => {
    const batches: (readonly number[])[] = [];
    const keep: FollowerOptions['handler'] = async (events) => {
      batches.push(seqs(events));
      return done;
    };
    const patient = follow(keep, { batchMax: 3, gatherMs: 60_000 });
    for (const podId of ['one', 'two', 'three']) await log.append(['lab', podId], 1, sampleEvent());
    await eventually(() => patient.handledSeq === 3);
    expect(batches).toEqual([[1, 2, 3]]);
    await log.append(['lab', 'four'], 1, sampleEvent());
    await eventually(() => patient.pending === 1);
    await patient.close();
    await nc.flush();
    const brief = follow(keep, { gatherMs: 20 });
    await eventually(() => brief.handledSeq === 4);
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  it('goes on where the one before it ended', async () => {
    await appendPods(5);
    const first = follow(async () => done);
    await eventually(() => first.handledSeq === 5);
    await first.close();
    await nc.flush();
    await log.append(['lab', 'later'], 1, sampleEvent());
    const seen: number[] = [];
    const second = follow(async (events) => {
      seen.push(...seqs(events));
      return done;
    });
    await eventually(() => second.handledSeq === 6);
    expect(seen).toEqual([6]);
  });

  it('gives back at once what it had in hand when it is closed', async () => {
    await appendPods(3);
    const first = follow(async () => retryIn(60_000, 'the database is away'));
    await eventually(() => first.waiting === 'the database is away');
    await first.close();
    const second = follow(async () => done);
    await eventually(() => second.handledSeq === 3 && second.pending === 0);
  });

  it('waits as long as it is told to, and loses nothing over it', async () => {
    await appendPods(3);
    let calls = 0;
    const handled: number[] = [];
    const follower = follow(async (events) => {
      calls += 1;
      if (calls < 10) return retryIn(5, 'the database is away');
      handled.push(...seqs(events));
      return done;
    });
    await eventually(() => follower.handledSeq === 3);
    expect(handled.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(follower.waiting).toBeUndefined();
    expect(await listPoison(nc, names.streams.poison, names.subjects.allPoison)).toEqual([]);
  });

  it('records the one event of a batch that cannot be handled, and handles the others', async () => {
    await appendPods(20);
    const handled = new Set<number>();
    const follower = follow(async (events) => {
      if (events.some((event) => event.body['number'] === 7)) return poison('no_such_table', 'seven');
      for (const event of events) handled.add(event.seq);
      return done;
    });
    await eventually(() => follower.pending === 0 && follower.handledSeq === 20);
    const [seventh] = await log.read(['lab', 'pod7']);
    expect(handled.size).toBe(19);
    const records = await listPoison(nc, names.streams.poison, names.subjects.allPoison);
    expect(records).toEqual([
      {
        consumer: 'copy',
        stream: names.streams.podEvents,
        subject: names.subjects.podEvent({ tenant: 'lab', podId: 'pod7' }, 1),
        seq: seventh?.seq,
        code: 'no_such_table',
        why: 'seven',
        at: records[0]?.at,
      },
    ]);
  });

  it('tries an event whose handler throws a few times, then records it', async () => {
    await appendPods(2);
    let tries = 0;
    const follower = follow(async (events) => {
      if (!events.some((event) => event.body['number'] === 1)) return done;
      if (events.length === 1) tries += 1;
      throw new TypeError('cannot read');
    });
    await eventually(() => follower.pending === 0 && follower.handledSeq === 2, { timeoutMs: 20_000 });
    expect(tries).toBe(5);
    const records = await listPoison(nc, names.streams.poison, names.subjects.poison('api', names.streams.podEvents));
    expect(records).toMatchObject([{ code: 'handler_failed', why: 'TypeError: cannot read' }]);
  });

  it('takes an error that says it is retryable for a wait', async () => {
    await appendPods(1);
    let calls = 0;
    const follower = follow(async () => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error('connection refused'), { retryable: true });
      return done;
    });
    await eventually(() => follower.handledSeq === 1);
    expect(await listPoison(nc, names.streams.poison, names.subjects.allPoison)).toEqual([]);
  });

  it('gives up no event for having been delivered often', async () => {
    await appendPods(1);
    const jsm = await jetstreamManager(nc);
    await jsm.consumers.add(names.streams.podEvents, { durable_name: 'copy', ack_policy: AckPolicy.Explicit });
    const consumer = await jetstream(nc).consumers.get(names.streams.podEvents, 'copy');
    let deliveries = 0;
    while (deliveries < 60) {
      const message = await consumer.next();
      if (message === null) continue;
      deliveries = message.info.deliveryCount;
      message.nak();
    }
    const follower = follow(async () => done);
    await eventually(() => follower.handledSeq === 1 && follower.pending === 0);
    expect(await listPoison(nc, names.streams.poison, names.subjects.allPoison)).toEqual([]);
  });

  it('records a message that is no event, and handles the others', async () => {
    await appendPods(1);
    await jetstream(nc).publish(
      `${names.subjects.podEventsOf({ tenant: 'lab', podId: 'pod1' }).slice(0, -1)}one`,
      '{}',
    );
    await log.append(['lab', 'later'], 1, sampleEvent());
    const seen: number[] = [];
    const follower = follow(async (events) => {
      seen.push(...seqs(events));
      return done;
    });
    await eventually(() => follower.handledSeq === 3 && follower.pending === 0);
    expect(seen).toEqual([1, 3]);
    const records = await listPoison(nc, names.streams.poison, names.subjects.allPoison);
    expect(records).toMatchObject([{ seq: 2, code: 'undecodable' }]);
  });

  it('tells of an event that it gives up until that succeeds, and acknowledges only then', async () => {
    await appendPods(1);
    const told: number[] = [];
    const follower = follow(async () => poison('unwanted'), {
      passOver: async (seq) => {
        expect(follower.handledSeq).toBe(0);
        told.push(seq);
        if (told.length === 1) throw Object.assign(new Error('connection refused'), { retryable: true });
      },
    });
    await eventually(() => follower.handledSeq === 1);
    expect(told).toEqual([1, 1]);
  });

  it('is forgotten by the server when no process has followed for long', async () => {
    await appendPods(1);
    const follower = follow(async () => done, { forgetAfterMs: 1000 });
    await eventually(() => follower.handledSeq === 1);
    await follower.close();
    const jsm = await jetstreamManager(nc);
    await eventually(async () => {
      const consumers = await jsm.consumers.list(names.streams.podEvents).next();
      return consumers.length === 0;
    });
  });

  it('starts its consumer anew when somebody deletes it', async () => {
    await appendPods(2);
    const seen: number[] = [];
    const follower = follow(async (events) => {
      seen.push(...seqs(events));
      return done;
    });
    await eventually(() => follower.handledSeq === 2);
    const jsm = await jetstreamManager(nc);
    await jsm.consumers.delete(names.streams.podEvents, 'copy');
    await log.append(['lab', 'later'], 1, sampleEvent());
    await eventually(() => seen.includes(3), { timeoutMs: 20_000 });
  });
});

describe('a follower whose server is killed', () => {
  it('handles every event all the same', async () => {
    const server = await natsServerFixture();
    await nc.close();
    await open(server.url);
    const handled = new Set<number>();
    const follower = follow(async (events) => {
      for (const event of events) handled.add(event.seq);
      return done;
    });
    await appendPods(50);
    await server.kill('SIGKILL');
    await server.restart();
    const last = await log.append(['lab', 'afterwards'], 1, sampleEvent());
    await eventually(() => last.kind === 'appended' && handled.has(last.seq), { timeoutMs: 20_000 });
    await eventually(() => follower.pending === 0);
    expect(handled.size).toBe(51);
    await follower.close();
    await nc.close();
    await server.stop();
  });
});
