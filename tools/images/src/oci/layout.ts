// Built images on disk: one OCI image layout folder per image (oci-layout, index.json,
// blobs/sha256/<hex>), put in place by one rename so that a half-written one is never seen.
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { referenceOf, type ImageDefinition } from '../definition.ts';
import type { LayerEntry } from '../layer/entry.ts';
import { digestOf } from '../layer/measure.ts';
import { writeLayer } from '../layer/write-layer.ts';
import {
  configDocument,
  indexDocument,
  manifestDocument,
  MEDIA_TYPE,
  type Architecture,
  type Descriptor,
} from './documents.ts';
import { parseIndex, parseManifest } from './parse.ts';

/** A built image in the cache. */
export type BuiltImage = {
  readonly name: string;
  readonly tag: string;
  /** `pods.local/<name>:<tag>`. */
  readonly reference: string;
  /** Digest of the manifest, `sha256:<hex>`. */
  readonly digest: string;
  /** The OCI image layout folder. */
  readonly folder: string;
  /** Compressed size of all blobs. */
  readonly sizeBytes: number;
};

/** Where a blob of an image layout lies. */
export const blobPath = (layoutFolder: string, digest: string): string =>
  join(layoutFolder, 'blobs', 'sha256', digest.replace(/^sha256:/, ''));

/** The image in a layout folder, or undefined when there is none. */
export const readLayout = async (
  image: Pick<ImageDefinition, 'name' | 'tag'>,
  folder: string,
): Promise<BuiltImage | undefined> => {
  const index = await readFile(join(folder, 'index.json'), 'utf8').catch(() => undefined);
  if (index === undefined) return undefined;
  const { digest, size } = parseIndex(index);
  const manifest = parseManifest(await readFile(blobPath(folder, digest), 'utf8'));
  const sizes = [manifest.config, ...manifest.layers].map((blob) => blob.size);
  return {
    name: image.name,
    tag: image.tag,
    reference: referenceOf(image),
    digest,
    folder,
    sizeBytes: sizes.reduce((sum, next) => sum + next, size),
  };
};

const writeBlob = async (folder: string, mediaType: string, text: string): Promise<Descriptor> => {
  const digest = digestOf(text);
  await writeFile(blobPath(folder, digest), text);
  return { mediaType, digest, size: Buffer.byteLength(text) };
};

const fill = async (
  image: ImageDefinition,
  architecture: Architecture,
  entries: AsyncIterable<LayerEntry>,
  folder: string,
): Promise<void> => {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const unnamed = join(folder, 'layer.tmp');
  const layer = await writeLayer(entries, unnamed);
  await rename(unnamed, blobPath(folder, layer.digest));
  const config = await writeBlob(folder, MEDIA_TYPE.config, configDocument(image.config, architecture, layer));
  const manifest = await writeBlob(folder, MEDIA_TYPE.manifest, manifestDocument(config, layer));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(folder, 'index.json'), indexDocument(image, manifest));
};

/** Writes an image to `folder`. When another process was faster, its result (the same by construction) is kept. */
export const writeLayout = async (
  image: ImageDefinition,
  architecture: Architecture,
  entries: AsyncIterable<LayerEntry>,
  folder: string,
): Promise<BuiltImage> => {
  await mkdir(join(folder, '..'), { recursive: true });
  const temporary = await mkdtemp(`${folder}.tmp-`);
  try {
    await fill(image, architecture, entries, temporary);
    await rename(temporary, folder).catch(async (error: unknown) => {
      if (!(await stat(join(folder, 'index.json')).catch(() => undefined))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  const built = await readLayout(image, folder);
  if (built === undefined) throw new Error(`${folder} vanished while it was written`);
  return built;
};
