// The snapshot bucket on a real server: whatever happens to its writers, a replica that starts from it ends where a
// replay of the whole log ends.
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { provisionNats, specSizes } from '@pods/provision';
import { eventually, freshPrefix } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Aggregate, Folded } from '../aggregate.ts';
import { podHistories } from '../history-names.ts';
import { loadAtVersion } from '../load.ts';
import { openNatsLog } from '../nats/nats-log.ts';
import type { EventLog, HistoryKey } from '../port.ts';
import { sampleEvent } from '../testing/event-log-contract.ts';
import type { TallyDesk, TallyRecord } from '../testing/tally-desk.ts';
import { createTallyDesk } from '../testing/tally-desk.ts';
import type { TallyCommand, TallyEvent, TallyRefusal, TallyState } from '../testing/tally.ts';
import { tallyAggregate } from '../testing/tally.ts';
import { openBucket } from './bucket.ts';
import { createReplica } from './create-replica.ts';
import type { ReplicaOptions } from './create-replica.ts';
import type { Replica } from './replica.ts';
import type { SnapshotValue } from './snapshot-format.ts';
import { decodeSnapshotValue } from './snapshot-format.ts';
import type { Snapshot } from './snapshot-load.ts';
import { loadSnapshot } from './snapshot-load.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';
import { createSnapshotWriter } from './snapshot-writer.ts';

type Tallies = Replica<TallyState>;

let names = topology();
let nc: NatsConnection;
let log: EventLog;
let desk: TallyDesk;
let open: { readonly close: () => Promise<void> }[];

beforeEach(async () => {
  names = topology(freshPrefix());
  nc = await connect({ servers: inject('natsUrl') });
  await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
  log = await openNatsLog({ nc, names: podHistories(names) });
  desk = createTallyDesk(log);
  open = [];
});
afterEach(async () => {
  for (const each of open.toReversed()) await each.close();
  await nc.close();
});

const key = (id: string): HistoryKey => ['lab', id];

function follow(options: Partial<ReplicaOptions<TallyState, TallyEvent>> = {}): Tallies {
  const snapshotBucket = names.buckets.podState;
  const replica = createReplica({
    nc,
    names: podHistories(names),
    aggregate: tallyAggregate,
    log,
    snapshotBucket,
    ...options,
  });
  open.push(replica);
  return replica;
}

/** A writer that writes only when told to. */
function write(replica: Tallies, now?: () => Date): SnapshotWriter {
  const writer = createSnapshotWriter({
    nc,
    bucket: names.buckets.podState,
    replica,
    delayMs: 600_000,
    ...(now && { now }),
  });
  open.push(writer);
  return writer;
}

const snapshot = (): Promise<Snapshot> => loadSnapshot(nc, names.buckets.podState);

type Content = Record<string, Folded<TallyState>>;

async function contentOf(replica: Tallies): Promise<Content> {
  await replica.caughtUp;
  return Object.fromEntries(replica.entries());
}

/** What a replica holds that read the whole log. */
async function replayed(): Promise<Content> {
  const replay = createReplica({ nc, names: podHistories(names), aggregate: tallyAggregate, log });
  const content = await contentOf(replay);
  await replay.close();
  return content;
}

function isStale(value: SnapshotValue | undefined, { version, type }: TallyRecord): boolean {
  if (value === undefined) return type !== 'TallyClosed';
  const wrongKind = (value.kind === 'gone') !== (type === 'TallyClosed');
  return value.version < version || (value.version === version && wrongKind);
}

/** What is wrong in a snapshot: it must know of every event up to its watermark, and each fold must be the log's. */
async function faultsOf({ watermark, values }: Snapshot, records: readonly TallyRecord[]): Promise<readonly unknown[]> {
  const known = records.filter(({ seq }) => seq <= watermark.seq).toSorted((a, b) => a.seq - b.seq);
  const newest = new Map(known.map((record) => [record.key, record]));
  const bucket = await openBucket(nc, names.buckets.podState);
  const stale: TallyRecord[] = [];
  for (const record of newest.values()) {
    // One that was replaced while they were all read may have been missed: it is there all the same.
    const { text } = values.has(record.key) ? { text: undefined } : await bucket.get(record.key, { fresh: true });
    const value = values.get(record.key) ?? (text === undefined ? undefined : decodeSnapshotValue(text));
    if (isStale(value, record)) stale.push(record);
  }
  const untrue: unknown[] = [];
  for (const [name, value] of values) {
    const folded = await loadAtVersion({ log, aggregate: tallyAggregate }, name.split('.'), value.version);
    const same = folded?.seq === value.seq && (value.kind !== 'fold' || isDeepStrictEqual(value.state, folded.state));
    if (!same) untrue.push({ name, value, folded });
  }
  return [...stale, ...untrue];
}

describe('a replica that starts from a snapshot', () => {
  it('reads the tail only, and ends where a replay ends', async () => {
    const written = follow();
    const writer = write(written);
    await desk.make(key('alpha'), 4);
    await desk.make(key('beta'), 2);
    await desk.tell(key('beta'), { type: 'Close' });
    const { seq } = await desk.make(key('gamma'), 1);
    await written.whenApplied(seq, { deadlineMs: 10_000 });
    await writer.flush();
    expect(writer.watermarkSeq).toBe(seq);
    await desk.tell(key('alpha'), { type: 'Add', amount: 5 });
    await desk.make(key('beta'), 3);
    await desk.tell(key('gamma'), { type: 'Close' });

    const applied: string[] = [];
    const replica = follow({ onApplied: (name, _folded, event) => applied.push(`${name} ${event.version}`) });
    await replica.caughtUp;
    expect(replica.startedFrom.seq).toBe(seq);
    expect(applied).toEqual(['lab.alpha 6', 'lab.beta 5', 'lab.beta 6', 'lab.beta 7', 'lab.beta 8', 'lab.gamma 3']);
    expect(await contentOf(replica)).toEqual(await replayed());
  });

  it('takes a value that is newer than the watermark, and skips the events that are in it', async () => {
    await desk.make(key('alpha'), 3);
    const replica = follow();
    const writer = write(replica);
    await replica.caughtUp;
    await desk.tell(key('alpha'), { type: 'Add', amount: 1 });
    await eventually(() => writer.changes === 1);
    await writer.flush();
    const bucket = await openBucket(nc, names.buckets.podState);
    const { revision } = await bucket.get('watermark');
    await bucket.replace('watermark', revision, JSON.stringify({ seq: 2, hash: '' }));
    expect(await contentOf(follow())).toEqual(await replayed());
  });

  it('loads an object by index when the writer did not know all its events', async () => {
    const older = follow({
      aggregate: {
        ...tallyAggregate,
        parse: (event) => (event.type === 'TallyAdded' ? undefined : tallyAggregate.parse(event)),
      },
    });
    const writer = write(older);
    await older.caughtUp;
    await desk.make(key('alpha'), 3);
    await eventually(() => older.get(key('alpha'))?.version === 4);
    expect(older.get(key('alpha'))?.newerThanMe).toBe(true);
    await writer.flush();
    expect((await snapshot()).values.get('lab.alpha')).toMatchObject({ kind: 'unread', version: 4 });
    const newer = follow();
    await newer.caughtUp;
    expect(newer.get(key('alpha'))).toMatchObject({ newerThanMe: false, state: { sum: 3 } });
    expect(await contentOf(newer)).toEqual(await replayed());
  });

  it('starts from nothing when there is no bucket or no watermark', async () => {
    await desk.make(key('alpha'), 1);
    const replica = follow({ snapshotBucket: 'no_such_bucket' });
    await replica.caughtUp;
    expect(replica.startedFrom.seq).toBe(0);
    expect(await contentOf(replica)).toEqual(await replayed());
  });

  it.for([
    ['that ends before the watermark', 1, 'has lost events'],
    ['that has other events', 9, 'another event'],
  ] as const)('reports a stream %s instead of following it', async ([, adds, why]) => {
    const writer = write(follow());
    await desk.make(key('alpha'), 5);
    await eventually(() => writer.changes === 1);
    await writer.flush();
    for (const each of open.splice(0).toReversed()) await each.close();
    const jsm = await jetstreamManager(nc);
    await jsm.streams.delete(names.streams.podEvents);
    await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
    await desk.make(key('other'), adds);
    const replica = follow();
    await expect(replica.caughtUp).rejects.toMatchObject({ code: 'log_rewound' });
    expect(replica.failure?.message).toContain(why);
  });

  it.for([
    ['ends before a value that is newer than the watermark', 0, 'has lost events'],
    ['has other events where such a value was made', 5, 'another event'],
  ] as const)('reports a stream that %s', async ([, adds, why]) => {
    const writer = write(follow());
    await desk.make(key('alpha'), 3);
    await eventually(() => writer.changes === 1);
    await writer.flush();
    for (const each of open.splice(0).toReversed()) await each.close();
    const bucket = await openBucket(nc, names.buckets.podState);
    const { revision } = await bucket.get('watermark');
    await bucket.replace('watermark', revision, JSON.stringify({ seq: 1, hash: '' }));
    const jsm = await jetstreamManager(nc);
    const stream = names.streams.podEvents;
    const kept = await jsm.streams.getMessage(stream, { seq: 1 });
    await jsm.streams.delete(stream);
    await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
    if (kept !== null) await jetstream(nc).publish(kept.subject, kept.data, { headers: kept.header });
    for (let n = 0; n < adds; n += 1) await desk.tell(key('alpha'), { type: 'Add', amount: 2 });
    const replica = follow();
    await expect(replica.caughtUp).rejects.toMatchObject({ code: 'log_rewound' });
    expect(replica.failure?.message).toContain(why);
  });
});

describe('snapshot writers', () => {
  it('write nothing when they are behind the watermark, so that what is gone stays gone', async () => {
    await desk.make(key('alpha'), 1);
    const lagging = follow();
    const laggingWriter = write(lagging);
    await lagging.caughtUp;
    await desk.tell(key('alpha'), { type: 'Add', amount: 1 });
    await eventually(() => laggingWriter.changes === 1);
    await lagging.close();

    let time = Date.now();
    const ahead = follow();
    const writer = write(ahead, () => new Date(time));
    await desk.tell(key('alpha'), { type: 'Close' });
    await desk.make(key('beta'), 0);
    await eventually(() => writer.changes === 2);
    await writer.flush();
    expect((await snapshot()).values.get('lab.alpha')?.kind).toBe('gone');
    // An hour later the tombstone is removed: nothing in the bucket tells of alpha any more.
    time += 61 * 60 * 1000;
    await desk.tell(key('beta'), { type: 'Add', amount: 1 });
    await eventually(() => writer.changes === 1);
    await writer.flush();
    expect((await snapshot()).values.has('lab.alpha')).toBe(false);

    await laggingWriter.flush();
    expect((await snapshot()).values.has('lab.alpha')).toBe(false);
    expect(await contentOf(follow())).toEqual(await replayed());
  });

  it('keep a tombstone whose id was used again from being removed with its new life', async () => {
    let time = Date.now();
    const replica = follow();
    const writer = write(replica, () => new Date(time));
    await desk.make(key('alpha'), 0);
    await desk.tell(key('alpha'), { type: 'Close' });
    await eventually(() => replica.appliedSeq === 2);
    await writer.flush();
    time += 61 * 60 * 1000;
    await desk.make(key('alpha'), 1);
    await eventually(() => replica.appliedSeq === 4);
    await writer.flush();
    expect((await snapshot()).values.get('lab.alpha')).toMatchObject({ kind: 'fold', version: 4 });
  });

  it('fill a bucket anew that was deleted under them', async () => {
    const replica = follow();
    const writer = write(replica);
    await desk.make(key('alpha'), 1);
    await desk.make(key('beta'), 1);
    await eventually(() => replica.appliedSeq === 4);
    await writer.flush();
    const jsm = await jetstreamManager(nc);
    await jsm.streams.delete(`KV_${names.buckets.podState}`);
    await desk.tell(key('alpha'), { type: 'Add', amount: 1 });
    await eventually(() => replica.appliedSeq === 5);
    await expect(writer.flush()).rejects.toBeInstanceOf(Error);
    await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
    await writer.flush();
    const found = await snapshot();
    expect([...found.values.keys()].toSorted()).toEqual(['lab.alpha', 'lab.beta']);
    expect(await faultsOf(found, desk.records)).toEqual([]);
  });

  it('write by themselves, soon after something changed', async () => {
    const replica = follow();
    const writer = createSnapshotWriter({ nc, bucket: names.buckets.podState, replica, delayMs: 50 });
    open.push(writer);
    const { seq } = await desk.make(key('alpha'), 1);
    await eventually(() => writer.watermarkSeq === seq);
    expect((await snapshot()).watermark.seq).toBe(seq);
  });

  it('leave an older writer of unreadable events no way to hide what a newer one wrote', async () => {
    const knowsLess: Aggregate<TallyState, TallyCommand, TallyEvent, TallyRefusal> = {
      ...tallyAggregate,
      parse: () => undefined,
    };
    const newer = write(follow());
    const older = write(follow({ aggregate: knowsLess }));
    await log.append(key('alpha'), 1, sampleEvent({ type: 'TallyOpened', body: { round: 1 } }));
    await eventually(() => newer.changes === 1 && older.changes === 1);
    await older.flush();
    expect((await snapshot()).values.get('lab.alpha')?.kind).toBe('unread');
    await newer.flush();
    expect((await snapshot()).values.get('lab.alpha')?.kind).toBe('fold');
    await older.flush();
    expect((await snapshot()).values.get('lab.alpha')?.kind).toBe('fold');
  });
});

describe('snapshot writers in processes of their own', () => {
  const program = fileURLToPath(new URL('../testing/snapshot-writer-process.ts', import.meta.url));
  const start = async (): Promise<ChildProcess> => {
    const child = fork(program, [inject('natsUrl'), names.prefix], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'message');
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  it(
    'keep the snapshot right at every moment: two at once, killed and started again',
    { timeout: 120_000 },
    async () => {
      const children = [await start(), await start()];
      const working = new AbortController();
      const load = async (): Promise<void> => {
        while (!working.signal.aborted) await desk.tellAny(25);
      };
      const loads = Promise.all([load(), load()]);
      let watermarkSeq = 0;
      for (let round = 0; round < 8; round += 1) {
        // Wait until the writers have got on, then look, and kill one of them in the middle of its work.
        const before = watermarkSeq;
        const found = await eventually(async () => {
          const now = await snapshot();
          if (now.watermark.seq <= before) throw new Error('no progress');
          return now;
        });
        watermarkSeq = found.watermark.seq;
        expect(await faultsOf(found, desk.records)).toEqual([]);
        const index = round % 2;
        const victim = children[index];
        if (victim !== undefined) await kill(victim);
        children[index] = await start();
      }
      working.abort();
      await loads;
      const lastSeq = desk.records.reduce((last, { seq }) => Math.max(last, seq), 0);
      await eventually(async () => (await snapshot()).watermark.seq === lastSeq);
      await Promise.all(children.map(kill));
      expect(await faultsOf(await snapshot(), desk.records)).toEqual([]);
      expect(await contentOf(follow())).toEqual(await replayed());
    },
  );
});
