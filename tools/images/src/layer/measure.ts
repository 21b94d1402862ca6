// Counts and hashes bytes on their way through a stream.
import { createHash } from 'node:crypto';

/** What went through so far; `digest()` may be asked once, at the end. */
export type Measure = {
  readonly through: (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>;
  readonly sizeBytes: () => number;
  /** `sha256:<hex>` of all bytes. */
  readonly digest: () => string;
};

/** A fresh measure of one stream. */
export const measure = (): Measure => {
  const hash = createHash('sha256');
  let size = 0;
  return {
    through: async function* through(source) {
      for await (const chunk of source) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    sizeBytes: () => size,
    digest: () => `sha256:${hash.digest('hex')}`,
  };
};

/** `sha256:<hex>` of some bytes. */
export const digestOf = (bytes: Buffer | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
