// Provisioning on a real server: complete, repeatable, safe to run twice at once, and never a silent change.
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { Objm } from '@nats-io/obj';
import { connect } from '@nats-io/transport-node';
import type { Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import { freshPrefix } from '@pods/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { specSizes, streamDefinitions } from './definitions.ts';
import { provisionNats, StreamDiffersError } from './provision-nats.ts';

let nc: NatsConnection;
let names: Topology;
beforeAll(async () => {
  nc = await connect({ servers: inject('natsUrl') });
});
beforeEach(() => {
  names = topology(freshPrefix());
});
afterAll(() => nc.close());

const settings = (): Parameters<typeof provisionNats>[1] => ({ names, replicas: 1, maxBytes: specSizes });
const allNames = (): readonly string[] => streamDefinitions(settings()).map((definition) => definition.name);

describe('provisioning NATS', () => {
  it('creates everything once, and finds it the next time', async () => {
    expect(await provisionNats(nc, settings())).toEqual({ created: allNames(), found: [] });
    expect(await provisionNats(nc, settings())).toEqual({ created: [], found: allNames() });
  });

  it('can run twice at the same time', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => provisionNats(nc, settings())));
    for (const { created, found } of runs) expect([...created, ...found].toSorted()).toEqual(allNames().toSorted());
  });

  it('makes buckets that the client takes for its own', async () => {
    await provisionNats(nc, settings());
    const bucket = await new Kvm(nc).create(names.buckets.podState);
    await bucket.put('lab.docpod', 'one');
    await bucket.put('lab.docpod', 'two');
    expect((await bucket.status()).values).toBe(1);
    const objects = await new Objm(nc).create(names.buckets.podLogs);
    await objects.putBlob({ name: 'log' }, new Uint8Array([1, 2, 3]));
    expect([...((await objects.getBlob('log')) ?? [])]).toEqual([1, 2, 3]);
  });

  it('refuses a stream with another setting, naming stream, setting, wanted and found, and leaves it', async () => {
    await provisionNats(nc, settings());
    const jsm = await jetstreamManager(nc);
    await jsm.streams.update(names.streams.podEvents, { max_bytes: 12_345_678 });
    await jsm.streams.update(names.streams.poison, { description: 'a setting that nobody asks for' });
    const refused = provisionNats(nc, settings());
    await expect(refused).rejects.toBeInstanceOf(StreamDiffersError);
    const line = `${names.streams.podEvents}: max_bytes should be ${specSizes.podEvents}, found 12345678`;
    await expect(refused).rejects.toThrow(line);
    await expect(refused).rejects.not.toThrow(names.streams.poison);
    expect((await jsm.streams.info(names.streams.podEvents)).config.max_bytes).toBe(12_345_678);
  });

  it('refuses a stream that is not write-once', async () => {
    const jsm = await jetstreamManager(nc);
    await jsm.streams.add({ name: names.streams.podEvents, subjects: [names.subjects.allPodEvents] });
    const refused = provisionNats(nc, settings());
    await expect(refused).rejects.toThrow('max_msgs_per_subject should be 1, found -1');
    await expect(refused).rejects.toThrow('discard should be "new", found "old"');
  });
});
