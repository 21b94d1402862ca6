// Does what the ca-certificates package does when it is configured: one file with all certificates.
import { file, type LayerEntry } from '../layer/entry.ts';

const CERTIFICATE = /^usr\/share\/ca-certificates\/mozilla\/[^/]+\.crt$/;
const BUNDLE = 'etc/ssl/certs/ca-certificates.crt';

const read = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** The same entries, and at the end a bundle of the certificates among them, if there were any. */
export async function* withCaBundle(entries: AsyncIterable<LayerEntry>): AsyncGenerator<LayerEntry> {
  const certificates: Buffer[] = [];
  for await (const entry of entries) {
    if (entry.kind !== 'stream' || !CERTIFICATE.test(entry.path)) {
      yield entry;
      continue;
    }
    const content = await read(entry.content);
    certificates.push(content);
    yield file(entry.path, content);
  }
  if (certificates.length > 0) yield file(BUNDLE, Buffer.concat(certificates));
}
