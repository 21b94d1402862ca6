// Streams the files of a Debian package as layer entries, without unpacking to disk and without
// running any of its maintainer scripts.
import { execa } from 'execa';
import { extract, type Extract } from 'tar-stream';
import { ImageBuildError } from '../errors.ts';
import type { LayerEntry } from '../layer/entry.ts';
import { bytesOf, feed } from '../layer/feed.ts';
import { isKept, placeOf } from './keep-path.ts';

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

const toLayerEntry = (entry: Entry, path: string): LayerEntry | undefined => {
  const { type, mode, uid, gid, size, linkname } = entry.header;
  const common = { path, mode: mode & 0o7777, uid, gid };
  switch (type) {
    case 'directory':
      return { ...common, kind: 'folder' };
    case 'file':
    case 'contiguous-file':
      return { ...common, kind: 'stream', sizeBytes: size, content: bytesOf(entry) };
    case 'symlink':
      return { ...common, kind: 'symlink', target: linkname };
    case 'link':
      return { ...common, kind: 'hardlink', target: placeOf(linkname) ?? '' };
    // Device nodes and pipes are the container runtime's business.
    case 'block-device':
    case 'character-device':
    case 'fifo':
      return undefined;
  }
};

/** The package's entries in its own order, placed and filtered; each content must be read before the next entry. */
export async function* unpack(debFile: string, dropPaths: readonly string[]): AsyncGenerator<LayerEntry> {
  const tar = extract();
  const child = execa('dpkg-deb', ['--fsys-tarfile', debFile], { encoding: 'buffer', buffer: { stdout: false } });
  const ended = Promise.all([child, feed(child.stdout, tar)]).then(
    () => undefined,
    (error: unknown) => {
      // Without this the reader below would wait for an end of the archive that never comes.
      tar.destroy();
      return new ImageBuildError('unpack-failed', `${debFile} cannot be read; delete it and build again`, error);
    },
  );
  let readToTheEnd = false;
  try {
    for await (const entry of tar) {
      const path = placeOf(entry.header.name);
      const taken = path !== undefined && isKept(path, dropPaths) ? toLayerEntry(entry, path) : undefined;
      if (taken !== undefined) yield taken;
      if (taken?.kind !== 'stream') entry.resume();
    }
    readToTheEnd = true;
  } finally {
    if (!readToTheEnd) child.kill();
  }
  const failure = await ended;
  if (failure !== undefined) throw failure;
}
