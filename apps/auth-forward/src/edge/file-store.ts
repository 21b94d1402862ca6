// The last good document as a file. A new one replaces the old one in one step, so that no reader sees half of it.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentStore } from './publisher.ts';

/** `onError` is told what could not be read or written; the document in memory is served all the same. */
export function fileStore(folder: string, onError: (error: unknown) => void): DocumentStore {
  const path = join(folder, 'traefik-config.json');
  return {
    load: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) onError(error);
        return undefined;
      }
    },
    save: (text) => {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(`${path}.new`, text, { mode: 0o600 });
        renameSync(`${path}.new`, path);
      } catch (error) {
        onError(error);
      }
    },
  };
}
