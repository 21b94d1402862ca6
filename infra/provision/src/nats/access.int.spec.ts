// The users on a real server that enforces their permissions: each app can do what it is there for, and is refused
// what it is not.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { errors } from '@nats-io/nats-core';
import { createUser } from '@nats-io/nkeys';
import { Objm } from '@nats-io/obj';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import type { EventLog, Replica } from '@pods/event-store';
import {
  createFollower,
  createReplica,
  createSnapshotWriter,
  done,
  listPoison,
  openNatsLog,
  podHistories,
  poison,
} from '@pods/event-store';
import type { TallyState } from '@pods/event-store/testing';
import { sampleEvent, tallyAggregate } from '@pods/event-store/testing';
import type { NatsServerFixture } from '@pods/testing';
import { eventually, natsServerFixture } from '@pods/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderNatsAuthorization } from './authorization.ts';
import { specSizes } from './definitions.ts';
import { provisionNats } from './provision-nats.ts';
import type { NatsUserName } from './users.ts';
import { natsInboxPrefix, natsUsers } from './users.ts';

const names = topology();
const users = natsUsers(names).map((user) => ({ ...user, key: createUser() }));
let server: NatsServerFixture;
let refusals: string[] = [];
let closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const withKeys = users.map((user) => ({ ...user, publicKey: user.key.getPublicKey() }));
  server = await natsServerFixture(renderNatsAuthorization(withKeys));
  const admin = await open('admin');
  await provisionNats(admin, { names, replicas: 1, maxBytes: specSizes });
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
  refusals = [];
});
afterAll(() => server.stop());

/** A connection as one user; what the server refuses it is gathered in `refusals`. */
async function open(name: NatsUserName): Promise<NatsConnection> {
  const seed = users.find((user) => user.name === name)?.key.getSeed();
  if (seed === undefined) throw new Error(`no user ${name}`);
  const nc = await connect({
    servers: server.url,
    authenticator: nkeyAuthenticator(seed),
    inboxPrefix: natsInboxPrefix(name),
    timeout: 5000,
  });
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type === 'error' && status.error instanceof errors.PermissionViolationError) {
        refusals.push(`${status.error.operation} ${status.error.subject}`);
      }
    }
  })();
  closing.push(() => nc.close());
  return nc;
}

interface AppParts {
  readonly nc: NatsConnection;
  readonly log: EventLog;
  readonly replica: Replica<TallyState>;
}

/** What every app starts with. */
async function start(name: NatsUserName): Promise<AppParts> {
  const nc = await open(name);
  const log = await openNatsLog({ nc, names: podHistories(names), readDeadlineMs: 1000 });
  const snapshotBucket = names.buckets.podState;
  const replica = createReplica({ nc, names: podHistories(names), aggregate: tallyAggregate, log, snapshotBucket });
  closing.push(replica.close);
  await replica.caughtUp;
  return { nc, log, replica };
}

let pods = 0;
const freshKey = (): readonly string[] => {
  pods += 1;
  return ['lab', `pod${pods}`];
};

const opened = (): Parameters<EventLog['append']>[2] => sampleEvent({ type: 'TallyOpened', body: { round: 1 } });

/** Resolves with the server's refusal, or fails. */
async function expectRefused(attempt: () => Promise<unknown>, subject: string): Promise<void> {
  await attempt().catch(() => {});
  await eventually(() => refusals.some((refusal) => refusal.includes(subject)), { timeoutMs: 5000 });
}

describe('what each app needs', () => {
  it.for(['api', 'spawner', 'health'] as const)('%s appends events and follows them', async (name) => {
    const { log, replica } = await start(name);
    const key = freshKey();
    expect(await log.append(key, 1, opened())).toMatchObject({ kind: 'appended' });
    expect(await log.append(key, 1, opened())).toEqual({ kind: 'conflict' });
    expect((await replica.whenVersion(key, 1, { deadlineMs: 5000 })).state.open).toBe(true);
    expect(await log.read(key)).toHaveLength(1);
    expect(await log.last(key, { fresh: true })).toBeDefined();
    expect((await log.usage()).bytesMax).toBe(specSizes.podEvents);
    expect(refusals).toEqual([]);
  });

  it('auth-forward follows events without writing any', async () => {
    const writer = await start('api');
    const { replica } = await start('auth-forward');
    const key = freshKey();
    await writer.log.append(key, 1, opened());
    expect((await replica.whenVersion(key, 1, { deadlineMs: 5000 })).version).toBe(1);
    expect(refusals).toEqual([]);
  });

  it('api keeps the snapshot, and every app starts from it', async () => {
    const { nc, log, replica } = await start('api');
    const writer = createSnapshotWriter({ nc, bucket: names.buckets.podState, replica, delayMs: 10 });
    closing.push(writer.close);
    await log.append(freshKey(), 1, opened());
    await eventually(() => writer.changes === 0 && writer.watermarkSeq > 0);
    for (const name of ['api', 'spawner', 'health', 'auth-forward'] as const) {
      expect((await start(name)).replica.startedFrom.seq).toBe(writer.watermarkSeq);
    }
    expect(refusals).toEqual([]);
  });

  it('api follows with a durable consumer and records poison, which admin lists', async () => {
    const { nc, log } = await start('api');
    const key = freshKey();
    await log.append(key, 1, sampleEvent({ type: 'TallyOpened', body: { round: 1 }, actor: 'poisoner' }));
    const follower = createFollower({
      nc,
      names: podHistories(names),
      durable: 'copy',
      poisonSubject: names.subjects.poison('api', names.streams.podEvents),
      handler: async (events) => (events.some((event) => event.actor === 'poisoner') ? poison('unwanted') : done),
    });
    closing.push(follower.close);
    await eventually(() => follower.pending === 0 && follower.handledSeq > 0);
    const admin = await open('admin');
    const records = await listPoison(admin, names.streams.poison, names.subjects.allPoison);
    expect(records).toMatchObject([{ code: 'unwanted', subject: `pods.events.${key.join('.')}.1` }]);
    const jsm = await jetstreamManager(admin);
    const { num_ack_pending: unacknowledged } = await jsm.consumers.info(names.streams.podEvents, 'copy');
    expect(unacknowledged).toBe(0);
    expect(refusals).toEqual([]);
  });

  it('health and spawner write container observations, each its own, and api watches them', async () => {
    const [api, health, spawner] = [await open('api'), await open('health'), await open('spawner')];
    const watch = await (await new Kvm(api).open(names.buckets.podContainer)).watch();
    const seen: string[] = [];
    void (async () => {
      for await (const entry of watch) seen.push(`${entry.key}=${entry.string()}`);
    })();
    await (await new Kvm(health).open(names.buckets.podContainer)).put('lab.docpod.observed', 'running');
    const progress = await new Kvm(spawner).open(names.buckets.podContainer);
    await progress.put('lab.docpod.progress', 'creating');
    expect((await progress.get('lab.docpod.observed'))?.string()).toBe('running');
    await eventually(() => seen.length === 2);
    expect(seen.toSorted()).toEqual(['lab.docpod.observed=running', 'lab.docpod.progress=creating']);
    watch.stop();
    expect(refusals).toEqual([]);
  });

  it('health stores, replaces and removes container logs, and api reads them', async () => {
    const [api, health] = [await open('api'), await open('health')];
    const stored = await new Objm(health).open(names.buckets.podLogs);
    await stored.put({ name: 'lab/docpod/1' }, ReadableStream.from([new Uint8Array(1_500_000).fill(7)]));
    await stored.put({ name: 'lab/docpod/1' }, ReadableStream.from([new Uint8Array(400_000).fill(8)]));
    const read = await new Objm(api).open(names.buckets.podLogs);
    expect((await read.getBlob('lab/docpod/1'))?.every((byte) => byte === 8)).toBe(true);
    await stored.delete('lab/docpod/1');
    expect(await read.get('lab/docpod/1')).toBeNull();
    const list = await stored.list();
    expect(list).toEqual([]);
    expect(refusals).toEqual([]);
  });

  it('api asks health for container logs and gets many parts, each with a receipt', async () => {
    const [api, health] = [await open('api'), await open('health')];
    health.subscribe(names.subjects.containerLogs, {
      queue: 'health',
      callback: (_error, question) => {
        void (async () => {
          for (let part = 1; part <= 30; part += 1) {
            if (question.reply !== undefined) await health.request(question.reply, `part ${part}`, { timeout: 2000 });
          }
          question.respond('end');
        })();
      },
    });
    await health.flush();
    const parts: string[] = [];
    const inbox = `${natsInboxPrefix('api')}.logs`;
    const ended = Promise.withResolvers<void>();
    api.subscribe(inbox, {
      callback: (_error, message) => {
        if (message.string() === 'end') ended.resolve();
        else {
          parts.push(message.string());
          message.respond();
        }
      },
    });
    api.publish(names.subjects.containerLogs, 'docpod', { reply: inbox });
    await ended.promise;
    expect(parts).toHaveLength(30);
    expect(refusals).toEqual([]);
  });

  it('api processes tell each other how far they have read', async () => {
    const [one, other] = [await open('api'), await open('api')];
    const heard = Promise.withResolvers<string>();
    other.subscribe(names.subjects.applied, { callback: (_error, message) => heard.resolve(message.string()) });
    await other.flush();
    one.publish(names.subjects.applied, '12');
    expect(await heard.promise).toBe('12');
    expect(refusals).toEqual([]);
  });
});

describe('what is refused', () => {
  it('auth-forward cannot append', async () => {
    const nc = await open('auth-forward');
    const log = await openNatsLog({ nc, names: podHistories(names), appendDeadlineMs: 1000 });
    const key = freshKey();
    await expect(log.append(key, 1, opened())).rejects.toBeInstanceOf(Error);
    const { log: reading } = await start('api');
    expect(await reading.last(key)).toBeUndefined();
    expect(refusals.some((refusal) => refusal.includes('pods.events'))).toBe(true);
  });

  it.for(['api', 'spawner', 'health', 'auth-forward'] as const)(
    '%s cannot change, purge or delete a stream',
    async (name) => {
      const nc = await open(name);
      const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: 500 });
      const stream = names.streams.podEvents;
      await expectRefused(() => jsm.streams.delete(stream), `STREAM.DELETE.${stream}`);
      await expectRefused(() => jsm.streams.purge(stream), `STREAM.PURGE.${stream}`);
      await expectRefused(() => jsm.streams.update(stream, { max_age: 1 }), `STREAM.UPDATE.${stream}`);
      await expectRefused(() => jsm.streams.deleteMessage(stream, 1), `STREAM.MSG.DELETE.${stream}`);
      await expectRefused(() => jsm.streams.add({ name: 'MINE', subjects: ['mine'] }), 'STREAM.CREATE.MINE');
      await expectRefused(() => jsm.consumers.delete(stream, 'copy'), `CONSUMER.DELETE.${stream}.copy`);
    },
  );

  it.for(['spawner', 'health', 'auth-forward'] as const)('%s cannot write the snapshot', async (name) => {
    const nc = await open(name);
    const bucket = await new Kvm(jetstream(nc, { timeout: 500 })).open(names.buckets.podState);
    await expectRefused(() => bucket.put('lab.docpod', '{}'), `$KV.${names.buckets.podState}.lab.docpod`);
  });

  it('spawner and health cannot write each other’s observations, and api none', async () => {
    const tries = [
      ['spawner', 'lab.docpod.observed'],
      ['health', 'lab.docpod.progress'],
      ['api', 'lab.docpod.observed'],
      ['auth-forward', 'lab.docpod.observed'],
    ] as const;
    for (const [name, entry] of tries) {
      refusals = [];
      const bucket = await new Kvm(jetstream(await open(name), { timeout: 500 })).open(names.buckets.podContainer);
      await expectRefused(() => bucket.put(entry, 'x'), `$KV.${names.buckets.podContainer}.${entry}`);
    }
    expect(refusals).not.toEqual([]);
  });

  it('nobody but health stores or removes logs', async () => {
    for (const name of ['api', 'spawner', 'auth-forward'] as const) {
      refusals = [];
      const nc = await open(name);
      const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: 500 });
      await expectRefused(() => jsm.streams.purge(`OBJ_${names.buckets.podLogs}`), 'STREAM.PURGE');
      nc.publish(`$O.${names.buckets.podLogs}.C.x`, 'x');
      await eventually(() => refusals.some((refusal) => refusal.includes('$O.')));
    }
    expect(refusals).not.toEqual([]);
  });

  it('no app hears another’s inbox, answers for health, or records poison in another’s name', async () => {
    const spawner = await open('spawner');
    spawner.subscribe('_INBOX_api.>', { callback: () => {} });
    spawner.subscribe(names.subjects.containerLogs, { callback: () => {} });
    spawner.publish(names.subjects.poison('api', names.streams.podEvents), '{}');
    spawner.publish('_INBOX_api.x', 'forged');
    await eventually(() => refusals.length === 4);
    expect(refusals.map((refusal) => refusal.replace(/^\w+ /, '')).toSorted()).toEqual([
      '_INBOX_api.>',
      '_INBOX_api.x',
      'poison.api.POD_EVENTS',
      'svc.health.logs',
    ]);
  });

  it('a stranger cannot connect', async () => {
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toBeInstanceOf(Error);
    const unknown = nkeyAuthenticator(createUser().getSeed());
    await expect(connect({ servers: server.url, reconnect: false, authenticator: unknown })).rejects.toBeInstanceOf(
      Error,
    );
  });
});
