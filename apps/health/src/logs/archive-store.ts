// The bucket of archived logs: one compressed object per run, written once. What is archived when, and what is
// removed, is not its business.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ObjectInfo, ObjectStore } from '@nats-io/obj';
import { Objm } from '@nats-io/obj';

export interface ArchivedLog {
  readonly name: string;
  /** Bytes before compression. */
  readonly sizeBytes: number;
  /** Bytes in the bucket. */
  readonly storedBytes: number;
  /** Milliseconds since 1970. */
  readonly storedAtMs: number;
}

export interface ArchiveStore {
  readonly find: (name: string) => Promise<ArchivedLog | undefined>;
  /**
   * Stores a log, unless one of that name is there; answers what is there afterwards.
   * @throws ArchiveStoreFullError when there is no room for it
   */
  readonly store: (name: string, pieces: readonly Uint8Array[]) => Promise<ArchivedLog>;
  readonly list: () => Promise<readonly ArchivedLog[]>;
  readonly remove: (name: string) => Promise<void>;
}

/** The bucket, or the account that it belongs to, has no room for an archive. */
export class ArchiveStoreFullError extends Error {
  override readonly name = 'ArchiveStoreFullError';
  readonly neededBytes: number;
  /** Bytes of the whole bucket. */
  readonly capacityBytes: number;

  constructor(neededBytes: number, capacityBytes: number, options: ErrorOptions) {
    super('the store of logs is full', options);
    this.neededBytes = neededBytes;
    this.capacityBytes = capacityBytes;
  }
}

/** An object's key for its size before compression. */
const sizeKey = 'sizeBytes';
const contentEncoding = 'gzip';
/** The server's code for "another message is the last one of this subject" (nats.md 1.5). */
const wrongLastSequence = 10071;
/** The server's codes for a stream, an account or a disk without room. */
const fullCodes: ReadonlySet<number> = new Set([10_002, 10_023, 10_047, 10_077]);
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
      const compressed = await compress(text);
      const info = await putOnce(objects, name, compressed, text.byteLength).catch(async (error: unknown) => {
        if (!(error instanceof JetStreamApiError && fullCodes.has(error.code))) throw error;
        const { max_bytes: capacityBytes } = (await objects.status()).streamInfo.config;
        throw new ArchiveStoreFullError(compressed.byteLength, capacityBytes, { cause: error });
      });
      const stored = info === undefined ? await find(name) : archivedOf(info);
      if (stored === undefined) throw new Error(`the archive ${name} was removed while it was stored`);
      return stored;
    },
    list: async () => (await objects.list()).map(archivedOf),
    remove: async (name) => {
      const info = await objects.info(name);
      if (info === null) return;
      // The client would first write a mark of the deletion, for which a full bucket has no room, and leave it there.
      const { streams } = await jetstreamManager(nc, { checkAPI: false });
      for (const subject of subjectsOf(bucket, info)) await streams.purge(`OBJ_${bucket}`, { filter: subject });
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

/** The subjects of an object's bytes and of what is known of it (NATS ADR-20). The name goes last, so that it can be tried again. */
function subjectsOf(bucket: string, { name, nuid }: ObjectInfo): readonly string[] {
  const encoded = Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  return [`$O.${bucket}.C.${nuid}`, `$O.${bucket}.M.${encoded}`];
}

function archivedOf(info: ObjectInfo): ArchivedLog {
  const size = Number(info.metadata?.[sizeKey] ?? Number.NaN);
  return {
    name: info.name,
    sizeBytes: Number.isSafeInteger(size) ? size : info.size,
    storedBytes: info.size,
    storedAtMs: Date.parse(info.mtime),
  };
}
