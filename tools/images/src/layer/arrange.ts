// Brings a stream of entries into the form a layer needs: each path once (the first wins) and each
// folder before what is in it. Does not read contents, except to skip those of dropped entries.
import { folder, type LayerEntry } from './entry.ts';

const parentsOf = (path: string): readonly string[] => {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
};

const skip = async (entry: LayerEntry): Promise<void> => {
  if (entry.kind !== 'stream') return;
  for await (const chunk of entry.content) void chunk;
};

/**
 * The same entries with repeated paths dropped and missing parent folders (root, 0755) added, so that
 * files of ours that come first replace those of the packages that come after them.
 */
export async function* arrange(entries: AsyncIterable<LayerEntry> | Iterable<LayerEntry>): AsyncGenerator<LayerEntry> {
  const seen = new Set<string>(['']);
  for await (const entry of entries) {
    if (seen.has(entry.path)) {
      await skip(entry);
      continue;
    }
    for (const parent of parentsOf(entry.path).filter((path) => !seen.has(path))) {
      seen.add(parent);
      yield folder(parent);
    }
    seen.add(entry.path);
    yield entry;
  }
}
