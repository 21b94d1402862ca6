// Reads the two OCI documents that pushing needs. Throws on anything that is not one of ours.
import type { Descriptor, Manifest } from './documents.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const descriptor = (value: unknown, where: string): Descriptor => {
  if (isRecord(value)) {
    const { mediaType, digest, size } = value;
    if (
      typeof mediaType === 'string' &&
      typeof digest === 'string' &&
      typeof size === 'number' &&
      /^sha256:[0-9a-f]{64}$/.test(digest)
    ) {
      return { mediaType, digest, size };
    }
  }
  throw new Error(`${where} holds no valid content descriptor`);
};

const descriptors = (value: unknown, where: string): readonly Descriptor[] => {
  if (!Array.isArray(value)) throw new Error(`${where} is not a list`);
  return value.map((item: unknown) => descriptor(item, where));
};

const record = (text: string, where: string): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error(`${where} is not an object`);
  return value;
};

/** The manifest's config and layers. */
export const parseManifest = (text: string): Manifest => {
  const value = record(text, 'manifest');
  return {
    config: descriptor(value['config'], 'manifest.config'),
    layers: descriptors(value['layers'], 'manifest.layers'),
  };
};

/** The descriptor of the only image in an image layout's index. */
export const parseIndex = (text: string): Descriptor => {
  const [only, ...more] = descriptors(record(text, 'index')['manifests'], 'index.manifests');
  if (only === undefined || more.length > 0) throw new Error('index must name exactly one manifest');
  return only;
};
