import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { describe, expect, test } from 'vitest';
import { specNats } from '../testing/nats.ts';
import { ArchiveStoreFullError, openArchiveStore } from './archive-store.ts';
import { storeWithRoom } from './store-with-room.ts';

const pieces = ['one\n', 'two\n'].map((text) => new TextEncoder().encode(text));

async function world(bucketBytes?: number) {
  const { nc, names } = await specNats(bucketBytes);
  const bucket = names.buckets.podLogs;
  const store = await openArchiveStore(nc, bucket);
  const textOf = async (name: string): Promise<string> => {
    const objects = await new Objm(jetstream(nc)).open(bucket);
    return gunzipSync((await objects.getBlob(name)) ?? new Uint8Array()).toString();
  };
  const messages = async (): Promise<number> => {
    const jsm = await jetstreamManager(nc);
    return (await jsm.streams.info(`OBJ_${bucket}`)).state.messages;
  };
  return { store, textOf, messages };
}

describe('the bucket of archived logs', () => {
  test('gives back what was stored, with its size before compression', async () => {
    const { store, textOf } = await world();
    expect(await store.find('dev.docpod.1.1')).toBeUndefined();
    expect(await store.store('dev.docpod.1.1', pieces)).toMatchObject({ name: 'dev.docpod.1.1', sizeBytes: 8 });
    expect(await store.find('dev.docpod.1.1')).toMatchObject({ sizeBytes: 8 });
    expect(await textOf('dev.docpod.1.1')).toBe('one\ntwo\n');
  });

  test('two processes that store the same run at once leave one archive and nothing else', async () => {
    const { store, textOf, messages } = await world();
    const both = await Promise.all([store.store('dev.docpod.1.1', pieces), store.store('dev.docpod.1.1', pieces)]);
    expect(both[0]).toEqual(both[1]);
    expect(await textOf('dev.docpod.1.1')).toBe('one\ntwo\n');
    // One message for the text and one for what is known of it.
    expect(await messages()).toBe(2);
  });

  test('the first archive of a run counts', async () => {
    const { store, textOf } = await world();
    await store.store('dev.docpod.1.1', pieces);
    expect(await store.store('dev.docpod.1.1', pieces.slice(0, 1))).toMatchObject({ sizeBytes: 8 });
    expect(await textOf('dev.docpod.1.1')).toBe('one\ntwo\n');
  });

  test('a removed archive is neither found nor listed', async () => {
    const { store, messages } = await world();
    await store.store('dev.docpod.1.1', pieces);
    await store.store('dev.docpod.1.2', pieces);
    expect((await store.list()).map(({ name }) => name).toSorted()).toEqual(['dev.docpod.1.1', 'dev.docpod.1.2']);
    await store.remove('dev.docpod.1.1');
    expect(await store.find('dev.docpod.1.1')).toBeUndefined();
    expect((await store.list()).map(({ name }) => name)).toEqual(['dev.docpod.1.2']);
    expect(await messages()).toBe(2);
  });

  test('an empty bucket lists nothing', async () => {
    const { store } = await world();
    expect(await store.list()).toEqual([]);
  });
});

describe('a bucket that is full', () => {
  const never = new AbortController().signal;
  /** Output that no compression makes smaller. */
  const output = (): readonly Uint8Array[] => [randomBytes(200_000)];

  test('gives its oldest archives for a newer one, and what a refused one left goes too', async () => {
    const { store, messages } = await world(1_000_000);
    const evicted: string[] = [];
    const deps = { store, onEvicted: (name: string) => void evicted.push(name) };
    for (const run of [1, 2, 3, 4]) await storeWithRoom(deps, `dev.docpod.1.${run}`, output(), never);
    expect(evicted).toEqual([]);
    await expect(store.store('dev.docpod.1.5', output())).rejects.toMatchObject({
      name: 'ArchiveStoreFullError',
      capacityBytes: 1_000_000,
    });
    const before = await messages();
    expect(await storeWithRoom(deps, 'dev.docpod.1.5', output(), never)).toMatchObject({ sizeBytes: 200_000 });
    expect(evicted).toEqual(['dev.docpod.1.1']);
    expect(await messages()).toBe(before);
    expect((await store.list()).map(({ name }) => name).toSorted()).toEqual(
      [2, 3, 4, 5].map((run) => `dev.docpod.1.${run}`),
    );
  });

  test('keeps what it has when an archive is larger than all of it', async () => {
    const { store } = await world(1_000_000);
    const deps = { store, onEvicted: () => expect.unreachable('nothing is removed') };
    await store.store('dev.docpod.1.1', output());
    const larger = storeWithRoom(deps, 'dev.docpod.1.2', [randomBytes(1_100_000)], never);
    await expect(larger).rejects.toBeInstanceOf(ArchiveStoreFullError);
    expect(await store.list()).toHaveLength(1);
  });
});
