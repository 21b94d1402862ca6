// Writes entries as one gzip-compressed tar layer. The same entries give the same bytes: times are
// fixed, owners are numbers, nothing of this machine gets in.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Header, type Pack } from 'tar-stream';
import type { LayerEntry } from './entry.ts';
import { bytesOf, feed } from './feed.ts';
import { measure } from './measure.ts';

/** What a manifest and a config need to know of a written layer. */
export type WrittenLayer = {
  /** Digest of the compressed bytes, as `sha256:<hex>`. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** Digest of the tar before compression. */
  readonly diffId: string;
};

const FIXED_TIME = new Date(0);

type HeaderOf = Partial<Header> & Pick<Header, 'name'>;

const headerOf = (entry: LayerEntry): HeaderOf => {
  const common = { name: entry.path, mode: entry.mode, uid: entry.uid, gid: entry.gid, mtime: FIXED_TIME };
  switch (entry.kind) {
    case 'folder':
      return { ...common, name: `${entry.path}/`, type: 'directory' };
    case 'file':
      return { ...common, type: 'file', size: entry.content.length };
    case 'stream':
      return { ...common, type: 'file', size: entry.sizeBytes };
    case 'symlink':
      return { ...common, type: 'symlink', linkname: entry.target };
    case 'hardlink':
      return { ...common, type: 'link', linkname: entry.target };
  }
};

const add = async (tar: Pack, entry: LayerEntry): Promise<void> => {
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    const header = headerOf(entry);
    if (entry.kind === 'stream') {
      const sink = tar.entry(header, done);
      sink.on('error', reject);
      feed(entry.content, sink).catch(reject);
    } else if (entry.kind === 'file') tar.entry(header, entry.content, done);
    else tar.entry(header, done);
  });
};

const addAll = async (tar: Pack, entries: AsyncIterable<LayerEntry>): Promise<void> => {
  try {
    for await (const entry of entries) await add(tar, entry);
    tar.finalize();
  } catch (error) {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
};

/** Writes the layer to `path`; the file is complete only when the promise fulfils. */
export const writeLayer = async (entries: AsyncIterable<LayerEntry>, path: string): Promise<WrittenLayer> => {
  const tar = pack();
  const plain = measure();
  const compressed = measure();
  const written = pipeline(
    bytesOf(tar),
    plain.through,
    createGzip({ level: 6 }),
    compressed.through,
    createWriteStream(path),
  );
  const results = await Promise.allSettled([addAll(tar, entries), written]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return { digest: compressed.digest(), sizeBytes: compressed.sizeBytes(), diffId: plain.digest() };
};
