// The copy of the log on a real nats-server and a real Postgres, with either of them away.
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import type { Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import type { EventLog } from '@pods/event-store';
import { genesisHash, openNatsLog, podHistories } from '@pods/event-store';
import { provisionNats, specSizes } from '@pods/provision';
import type { Checkpoint, HistoryRow, PodEventCopy, ReadSchema } from '@pods/read-store';
import { createPodEventCopy, migrate, openDatabase, ReadStoreUnavailableError } from '@pods/read-store';
import { createLogger } from '@pods/service';
import { eventually, freshDatabase, freshPrefix } from '@pods/testing';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { runLogCopy } from './log-copy.ts';

const logger = createLogger({ app: 'api', level: 'silent' });

let nc: NatsConnection;
let names: Topology;
let log: EventLog;
let db: Kysely<ReadSchema>;
let copy: PodEventCopy;
let states: { readonly waiting: boolean; readonly pending: number }[];
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  names = topology(freshPrefix());
  states = [];
  nc = await connect({ servers: inject('natsUrl') });
  await provisionNats(nc, {
    names,
    replicas: 1,
    maxBytes: specSizes,
  });
  log = await openNatsLog({ nc, names: podHistories(names) });
  db = openDatabase({ url: await freshDatabase() });
  copy = createPodEventCopy(db);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await db.destroy();
  await nc.close();
});

/** @returns what ends it. */
function start(of: PodEventCopy = copy): () => Promise<void> {
  const ending = new AbortController();
  const metrics = { copied: () => {}, state: (state: (typeof states)[number]) => void states.push(state) };
  const running = runLogCopy({ nc, names, copy: of, log, logger, metrics, signal: ending.signal });
  const end = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  ends.push(end);
  return end;
}

async function append(version: number, eventId = `e${version}`): Promise<void> {
  const event = {
    eventId,
    type: 'PodRestartRequested',
    causeId: 'c',
    causeHash: 'h',
    actor: 'ada',
    schema: 1,
  };
  await log.append(['dev', 'docpod'], version, { ...event, previousHash: genesisHash, body: {} });
}

const rows = (): Promise<readonly HistoryRow[]> => copy.eventsOf({ tenant: 'dev', podId: 'docpod' });
const hasRows = (count: number): Promise<unknown> => eventually(async () => (await rows()).length === count);

const isAcknowledged = (seq: number): Promise<unknown> =>
  eventually(async () => {
    const consumers = await (await jetstreamManager(nc)).consumers.list(names.streams.podEvents).next();
    return consumers.some((consumer) => consumer.ack_floor.stream_seq === seq);
  });

describe('the copy of the log', () => {
  it('waits for a database that is not set up yet, and then holds everything', async () => {
    await append(1);
    start();
    await eventually(() => states.some((state) => state.waiting));
    await append(2);
    await migrate(db);
    await hasRows(2);
    expect(states.at(-1)).toMatchObject({ waiting: false });
  });

  it('waits while the database is away and misses nothing', async () => {
    await migrate(db);
    let away = true;
    start({
      ...copy,
      record: async (events) => {
        if (away) throw new ReadStoreUnavailableError('away');
        await copy.record(events);
      },
    });
    await append(1);
    await append(2);
    await eventually(() => states.some((state) => state.waiting));
    expect(await rows()).toEqual([]);
    away = false;
    await hasRows(2);
  });

  it('goes on where it was after a restart, without writing anything twice', async () => {
    await migrate(db);
    const written: string[] = [];
    const counting: PodEventCopy = {
      ...copy,
      record: async (events) => {
        await copy.record(events);
        written.push(...events.map((event) => event.eventId));
      },
    };
    const end = start(counting);
    await append(1);
    await hasRows(1);
    await isAcknowledged(1);
    await end();
    await append(2);
    start(counting);
    await hasRows(2);
    expect(written).toEqual(['e1', 'e2']);
  });

  it('is not filled again because the last event of the log cannot be copied', async () => {
    await migrate(db);
    const end = start();
    await append(1);
    // No text of a database can hold this.
    await append(2, 'e\0');
    await isAcknowledged(2);
    await end();
    const { generation } = await copy.checkpoint();
    start();
    await append(3);
    await hasRows(2);
    expect((await rows()).map((row) => row.eventId)).toEqual(['e1', 'e3']);
    expect(await copy.checkpoint()).toMatchObject({ generation });
  });

  it('is filled from the beginning in a new database, equal to the old one', async () => {
    await migrate(db);
    const end = start();
    for (const version of [1, 2, 3]) await append(version);
    await hasRows(3);
    const before = await rows();
    await end();
    await db.destroy();
    db = openDatabase({ url: await freshDatabase() });
    copy = createPodEventCopy(db);
    await migrate(db);
    start();
    await hasRows(3);
    expect(await rows()).toEqual(before);
  });

  it('is filled again in a database that was put back from an older state', async () => {
    await migrate(db);
    const end = start();
    for (const version of [1, 2, 3]) await append(version);
    await hasRows(3);
    const { seq } = await copy.checkpoint();
    await end();
    await sql`delete from pod_events where version > 1`.execute(db);
    await sql`update pod_events_checkpoint set seq = ${seq - 2}`.execute(db);
    start();
    await hasRows(3);
    expect(await copy.checkpoint()).toMatchObject({ seq, generation: 2 });
  });

  it('is not filled again because another process copied something while this one started', async () => {
    await migrate(db);
    const endOther = start();
    await append(1);
    await hasRows(1);
    let isFirst = true;
    const copied = Promise.withResolvers<void>();
    const { generation } = await copy.checkpoint();
    const checkpoint = async (): Promise<Checkpoint> => {
      const before = await copy.checkpoint();
      if (!isFirst) return before;
      isFirst = false;
      await append(2);
      await hasRows(2);
      // What it had in hand is acknowledged when it has ended.
      await endOther();
      await nc.flush();
      copied.resolve();
      return before;
    };
    start({ ...copy, checkpoint });
    await copied.promise;
    await append(3);
    await hasRows(3);
    expect(await copy.checkpoint()).toMatchObject({ generation });
  });

  it('can be kept by two processes at once', async () => {
    await migrate(db);
    start();
    start();
    for (let version = 1; version <= 50; version += 1) await append(version);
    await hasRows(50);
    expect((await rows()).map((row) => row.version)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });
});
