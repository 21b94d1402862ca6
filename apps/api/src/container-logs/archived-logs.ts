// Logs of an ended run, from the object store: compressed with gzip, under the name that PodLogsArchived holds.
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { NatsConnection } from '@nats-io/nats-core';
import { Objm } from '@nats-io/obj';
import type { Logger } from '@pods/service';
import type { ArchivedLogs } from './container-logs.ts';

/** Decompressed bytes that are taken at most. */
const bytesMax = 64 * 1024 * 1024;
const deadlineMs = 30_000;

/** A source that reads the bucket; whatever goes wrong on the way makes it unavailable for now. */
export function createArchivedLogs(nc: NatsConnection, bucket: string, log: Logger): ArchivedLogs {
  const manager = new Objm(nc);
  return async (name) => {
    try {
      const store = await manager.open(bucket);
      const object = await store.get(name);
      if (object === null) return { kind: 'none' };
      const bytes = await gunzip(object.data);
      // The digest is checked when the last byte was read; the client gives nothing where its types promise null.
      const error = await object.error;
      if (error instanceof Error) throw error;
      return { kind: 'bytes', bytes };
    } catch (err) {
      log.warn({ err, objectName: name }, 'an archived log cannot be read');
      return { kind: 'unavailable' };
    }
  };
}

async function gunzip(data: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const signal = AbortSignal.timeout(deadlineMs);
  const source: AsyncIterable<Uint8Array> = Readable.fromWeb(data, { signal }).compose(createGunzip());
  for await (const part of source) {
    size += part.length;
    if (size > bytesMax) throw new RangeError(`an archived log holds more than ${bytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
