// The copy on a real Postgres.
import { freshDatabase } from '@pods/testing';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate, openDatabase } from './database.ts';
import type { CopiedEvent, PodEventCopy } from './pod-event-copy.ts';
import { createPodEventCopy } from './pod-event-copy.ts';
import type { ReadSchema } from './schema.ts';

let url: string;
let db: Kysely<ReadSchema>;
let copy: PodEventCopy;

beforeEach(async () => {
  url = await freshDatabase();
  db = openDatabase({ url });
  await migrate(db);
  copy = createPodEventCopy(db);
});
afterEach(() => db.destroy());

const hash = (text: string): string => text.padEnd(64, '0');

function event(podId: string, version: number, more: Partial<CopiedEvent> = {}): CopiedEvent {
  return {
    key: ['dev', podId],
    version,
    type: 'PodUpdated',
    eventId: `${podId}-${version}`,
    causeId: `cause-${version}`,
    causeHash: hash('c'),
    actor: 'ada',
    at: new Date(1_800_000_000_000 + version).toISOString(),
    schema: 1,
    previousHash: hash(String(version - 1)),
    hash: hash(String(version)),
    body: { version, changes: { description: 'é "quoted"', b: 1, a: 2 } },
    seq: version * 10,
    ...more,
  };
}

/** Every row as the table holds it, byte by byte. */
async function rows(): Promise<readonly unknown[]> {
  const result = await sql<{ row: string }>`
    select tenant || '|' || pod_id || '|' || version || '|' || type || '|' || event_id || '|' || cause_id || '|' || cause_hash
      || '|' || actor || '|' || at || '|' || schema || '|' || previous_hash || '|' || hash || '|' || body::text as row
    from pod_events order by tenant, pod_id, version`.execute(db);
  return result.rows;
}

describe('the copy', () => {
  it('of the same events is the same, byte by byte, however often and in whichever batches they come', async () => {
    const events = [event('aaa', 1), event('bbb', 1), event('aaa', 2), event('aaa', 3), event('bbb', 2)];
    await copy.record(events);
    const first = await rows();
    expect(first).toHaveLength(5);
    await copy.record(events.slice(1, 4));
    await copy.record(events);
    expect(await rows()).toEqual(first);
    await sql`truncate pod_events`.execute(db);
    for (const one of events.toReversed()) await copy.record([one]);
    expect(await rows()).toEqual(first);
  });

  it('gives the events of a pod as they were written', async () => {
    const written = [event('aaa', 1), event('aaa', 2)];
    await copy.record([...written, event('bbb', 1)]);
    const read = await copy.eventsOf({ tenant: 'dev', podId: 'aaa' });
    const { actor, at, previousHash, body } = event('aaa', 2);
    expect(read).toHaveLength(2);
    expect(read[1]).toMatchObject({ tenant: 'dev', podId: 'aaa', version: 2, actor, at, previousHash, body });
    expect(JSON.stringify(read[0]?.body)).toBe(JSON.stringify(written[0]?.body));
    expect(await copy.eventsOf({ tenant: 'lab', podId: 'aaa' })).toEqual([]);
  });

  it('keeps what JSON can hold and text columns cannot', async () => {
    const body = { zero: '\0', half: '\uD800', 'key\0': [1.5, null, true], '2': 1, '1': 2 };
    await copy.record([event('aaa', 1, { body })]);
    const [row] = await copy.eventsOf({ tenant: 'dev', podId: 'aaa' });
    expect(JSON.stringify(row?.body)).toBe(JSON.stringify(body));
  });

  it('tells the incarnations of an id apart', async () => {
    const types = ['PodCreated', 'PodUpdated', 'PodDeleted', 'PodCreated', 'PodUpdated'];
    await copy.record(types.map((type, index) => event('aaa', index + 1, { type })));
    const all = await copy.eventsOf({ tenant: 'dev', podId: 'aaa' });
    expect(all.map((row) => row.incarnation)).toEqual([1, 1, 1, 2, 2]);
    const second = await copy.eventsOf({ tenant: 'dev', podId: 'aaa', incarnation: 2 });
    expect(second.map((row) => row.version)).toEqual([4, 5]);
  });

  it('writes a batch and its checkpoint together or not at all', async () => {
    await copy.record([event('aaa', 1)]);
    const broken = event('bbb', 1, { at: 'no instant' });
    await expect(copy.record([event('aaa', 2), broken])).rejects.toMatchObject({ code: '22007' });
    expect(await rows()).toHaveLength(1);
    expect(await copy.checkpoint()).toMatchObject({ seq: 10 });
  });

  it('has a checkpoint that never goes back, an identity that stays, and a generation raised once', async () => {
    const before = await copy.checkpoint();
    await copy.record([event('aaa', 3)]);
    await copy.record([event('aaa', 1)]);
    await copy.record([]);
    expect(await copy.checkpoint()).toEqual({ ...before, seq: 30 });
    expect(await Promise.all([copy.raiseGeneration(1), copy.raiseGeneration(1)])).toEqual([2, 2]);
    expect((await copy.checkpoint()).copyId).toBe(before.copyId);
  });

  it('takes two writers at once', async () => {
    const events = Array.from({ length: 50 }, (_, index) => event('aaa', index + 1));
    await Promise.all([copy.record(events), copy.record(events), copy.record(events.slice(10))]);
    expect(await rows()).toHaveLength(50);
    expect(await copy.checkpoint()).toMatchObject({ seq: 500 });
  });
});

describe('the shape', () => {
  it('is brought about once, also by two at once', async () => {
    const other = openDatabase({ url: await freshDatabase() });
    const steps = await Promise.all([migrate(other), migrate(other)]);
    expect(steps.flat()).toEqual(['0001-pod-events']);
    expect(await migrate(other)).toEqual([]);
    await other.destroy();
  });
});

describe('a database that is away, or not set up yet', () => {
  it('is something to wait for', async () => {
    const gone = new URL(url);
    gone.port = '1';
    const nowhere = openDatabase({ url: gone.href });
    const wait = { code: 'read_store_unavailable', retryable: true };
    await expect(createPodEventCopy(nowhere).record([event('aaa', 1)])).rejects.toMatchObject(wait);
    await nowhere.destroy();
    const empty = openDatabase({ url: await freshDatabase() });
    await expect(createPodEventCopy(empty).checkpoint()).rejects.toMatchObject(wait);
    await empty.destroy();
  });
});
