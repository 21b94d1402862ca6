import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
// Several processes on a real nats-server: who waits for whom, and who stops showing pods.
import type { RecordedEvent, ReplicaListener } from '@pods/event-store';
import { genesisHash, ReplicaFailedError } from '@pods/event-store';
import { createLogger, systemClock } from '@pods/service';
import type { Clock } from '@pods/service';
import { eventually, freshPrefix, natsServerFixture } from '@pods/testing';
import type { NatsServerFixture } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Freshness } from './freshness.ts';
import { startFreshness } from './freshness.ts';

const leaseMs = 600;
const clock: Clock = { now: () => performance.now(), setTimer: systemClock.setTimer };
const log = createLogger({ app: 'api', level: 'silent' });

interface Process {
  readonly freshness: Freshness;
  readonly nc: NatsConnection;
  /** Lets its replica apply events up to here. */
  readonly apply: (seq: number) => void;
  /** The log turns out to be another one. */
  readonly fail: () => void;
}

let subject: string;
let streamEnd: number;
const processes: Process[] = [];

beforeEach(() => {
  subject = `${freshPrefix()}.applied`;
  streamEnd = 0;
});
afterEach(async () => {
  for (const { freshness, nc } of processes.splice(0)) {
    await freshness.stop();
    await nc.close();
  }
});

async function start(appliedSeq = streamEnd, url: string = inject('natsUrl')): Promise<Process> {
  const nc = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 20, reconnectJitter: 0 });
  const replica = handMovedReplica(appliedSeq);
  const freshness = startFreshness({
    nc,
    subject,
    instance: freshPrefix(),
    replica,
    lastSeq: async () => streamEnd,
    leaseMs,
    clock,
    need: { set: () => {} },
    log,
  });
  const started = { freshness, nc, apply: replica.apply, fail: replica.fail };
  processes.push(started);
  return started;
}

/** Follows no log: it has applied what it is told to. */
function handMovedReplica(initialSeq: number) {
  const listeners = new Set<ReplicaListener<unknown>>();
  const replica = {
    appliedSeq: initialSeq,
    failure: failureOrNone(),
    fail: () => {
      replica.failure = new ReplicaFailedError('rewound');
    },
    caughtUp: Promise.resolve(),
    subscribe: (listener: ReplicaListener<unknown>) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    whenApplied: async (seq: number, { deadlineMs }: { readonly deadlineMs: number }) => {
      await eventually(() => replica.appliedSeq >= seq, { timeoutMs: deadlineMs, intervalMs: 5 });
    },
    apply: (seq: number) => {
      replica.appliedSeq = seq;
      for (const listener of listeners) listener('dev.docpod', undefined, event(seq));
    },
  };
  return replica;
}

const failureOrNone = (): ReplicaFailedError | undefined => undefined;

function event(seq: number): RecordedEvent {
  const written = {
    eventId: '',
    type: '',
    causeId: '',
    causeHash: '',
    actor: '',
    schema: 1,
    previousHash: genesisHash,
  };
  return { ...written, body: {}, key: ['dev', 'docpod'], version: seq, hash: '', seq, at: '' };
}

/** Waits for so many. */
async function announcements(max: number, url: string): Promise<void> {
  const nc = await connect({ servers: url });
  for await (const _ of nc.subscribe(subject, { max })) continue;
  await nc.close();
}

const serving = ({ freshness }: Process): Promise<unknown> => eventually(() => freshness.isCurrent());

/** Both show pods, and have heard long enough to know of each other. */
async function two(): Promise<readonly [Process, Process]> {
  const pair = [await start(), await start()] as const;
  await Promise.all(pair.map(serving));
  await pair[0].freshness.whenAllShow(0);
  await pair[1].freshness.whenAllShow(0);
  return pair;
}

async function durationOf(work: Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

describe('a change', () => {
  it('waits for a process that is behind, and goes on as soon as that has caught up', async () => {
    const [writer, reader] = await two();
    writer.apply(5);
    const waited = durationOf(writer.freshness.whenAllShow(5));
    reader.apply(5);
    expect(await waited).toBeLessThan(leaseMs / 2);
    expect(reader.freshness.isCurrent()).toBe(true);
  });

  it('waits no longer than a lease, and by then whoever is behind shows no pods', async () => {
    const [writer, reader] = await two();
    writer.apply(5);
    expect(await durationOf(writer.freshness.whenAllShow(5))).toBeLessThan(leaseMs + 200);
    expect(reader.freshness.isCurrent()).toBe(false);
    reader.apply(5);
    await serving(reader);
  });

  it('waits a lease for a process that died, and not for one that has left', async () => {
    const [writer, reader] = await two();
    await reader.nc.close();
    writer.apply(5);
    const waited = await durationOf(writer.freshness.whenAllShow(5));
    expect(waited).toBeLessThan(leaseMs + 200);
    const third = await start(5);
    await serving(third);
    await third.freshness.stop();
    await third.nc.flush();
    await writer.nc.flush();
    writer.apply(6);
    expect(await durationOf(writer.freshness.whenAllShow(6))).toBeLessThan(leaseMs / 2);
  });
});

describe('a process', () => {
  it('that is new shows no pods before it has applied what was in the stream', async () => {
    streamEnd = 7;
    const late = await start(3);
    await expect(eventually(() => late.freshness.isCurrent(), { timeoutMs: leaseMs })).rejects.toThrow('did not hold');
    late.apply(7);
    await serving(late);
  });
});

describe('a replica that follows another log than it did', () => {
  it('is shown no more', async () => {
    const process = await start();
    await serving(process);
    process.fail();
    expect(process.freshness.isCurrent()).toBe(false);
  });
});

describe('without a connection', () => {
  let server: NatsServerFixture;
  beforeEach(async () => {
    server = await natsServerFixture();
  });
  afterEach(() => server.stop());

  it('a process that was alone goes on showing pods, decides nothing on them, and does again when it has caught up', async () => {
    const process = await start(0, server.url);
    await serving(process);
    await process.freshness.whenAllShow(0);
    await announcements(2, server.url);
    await server.kill('SIGKILL');
    await eventually(() => !process.freshness.isCurrent(), { timeoutMs: leaseMs + 200 });
    expect(process.freshness.mayShow()).toBe(true);
    streamEnd = 2;
    await server.restart();
    await expect(eventually(() => process.freshness.isCurrent(), { timeoutMs: leaseMs })).rejects.toThrow(
      'did not hold',
    );
    process.apply(2);
    await serving(process);
  });

  it('of two processes each stops showing pods within a lease: the other may have gone on', async () => {
    const pair = await Promise.all([start(0, server.url), start(0, server.url)]);
    await Promise.all(pair.map(serving));
    await Promise.all(pair.map(({ freshness }) => freshness.whenAllShow(0)));
    await server.kill('SIGKILL');
    for (const { freshness } of pair) await eventually(() => !freshness.mayShow(), { timeoutMs: leaseMs + 200 });
    await server.restart();
    await Promise.all(pair.map(serving));
  });
});
