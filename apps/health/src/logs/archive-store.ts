// The bucket of archived logs: one compressed object per run, written once. What is archived when, and what is
// removed, is not its business.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ObjectInfo, ObjectStore } from '@nats-io/obj';
import { Objm } from '@nats-io/obj';

export interface ArchivedLog {
  readonly name: string;
  /** Bytes before compression. */
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly storedAtMs: number;
}

export interface ArchiveStore {
  readonly find: (name: string) => Promise<ArchivedLog | undefined>;
  /** Stores a log, unless one of that name is there; answers what is there afterwards. */
  readonly store: (name: string, pieces: readonly Uint8Array[]) => Promise<ArchivedLog>;
  readonly list: () => Promise<readonly ArchivedLog[]>;
  readonly remove: (name: string) => Promise<void>;
}

/** An object's key for its size before compression. */
const sizeKey = 'sizeBytes';
const contentEncoding = 'gzip';
/** The server's code for "another message is the last one of this subject" (nats.md 1.5). */
const wrongLastSequence = 10071;
const compress = promisify(gzip);

/** Opens the bucket; creates nothing, buckets belong to infra. */
export async function openArchiveStore(nc: NatsConnection, bucket: string): Promise<ArchiveStore> {
  const objects = await new Objm(jetstream(nc)).open(bucket, false);
  const find = async (name: string): Promise<ArchivedLog | undefined> => {
    const info = await objects.info(name);
    return info === null || info.deleted ? undefined : archivedOf(info);
  };
  return {
    find,
    store: async (name, pieces) => {
      const text = Buffer.concat(pieces);
      const info = await putOnce(objects, name, await compress(text), text.byteLength);
      const stored = info === undefined ? await find(name) : archivedOf(info);
      if (stored === undefined) throw new Error(`the archive ${name} was removed while it was stored`);
      return stored;
    },
    list: async () => (await objects.list()).map(archivedOf),
    remove: async (name) => {
      await objects.delete(name);
    },
  };
}

/** Undefined when an object of that name was stored before, or by another process meanwhile. */
async function putOnce(
  objects: ObjectStore,
  name: string,
  bytes: Uint8Array,
  sizeBytes: number,
): Promise<ObjectInfo | undefined> {
  try {
    const meta = { name, metadata: { [sizeKey]: String(sizeBytes), contentEncoding } };
    return await objects.putBlob(meta, bytes, { previousRevision: 0 });
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return undefined;
    throw error;
  }
}

function archivedOf(info: ObjectInfo): ArchivedLog {
  const size = Number(info.metadata?.[sizeKey] ?? Number.NaN);
  return {
    name: info.name,
    sizeBytes: Number.isSafeInteger(size) ? size : info.size,
    storedAtMs: Date.parse(info.mtime),
  };
}
