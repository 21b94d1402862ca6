// Pushes a built image to a registry: what is there already is skipped, what is sent is checked first.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { PushError } from '../errors.ts';
import { digestOf, measure } from '../layer/measure.ts';
import type { Descriptor } from '../oci/documents.ts';
import { blobPath, type BuiltImage } from '../oci/layout.ts';
import { parseManifest } from '../oci/parse.ts';
import { openRepository } from './client.ts';

export type PushOptions = {
  /** Ends the push; what was sent so far is harmless and used by the next push. */
  readonly signal?: AbortSignal;
};

/** What a push did. */
export type PushResult = {
  /** Host, repository, tag and digest, as another program would name the image in that registry. */
  readonly pushed: string;
  readonly digest: string;
  readonly blobsSent: number;
  readonly blobsSkipped: number;
};

const damaged = (path: string, cause?: unknown): PushError =>
  new PushError('damaged-image', `${path} is not what it was built as: delete the folder it lies in and build again`, {
    retryable: false,
    cause,
  });

const fileDigest = async (path: string): Promise<string> => {
  const seen = measure();
  try {
    for await (const chunk of seen.through(createReadStream(path))) void chunk;
  } catch (error) {
    throw damaged(path, error);
  }
  return seen.digest();
};

const readManifest = async (image: BuiltImage): Promise<string> => {
  const path = blobPath(image.folder, image.digest);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw damaged(path, error);
  });
  if (digestOf(text) !== image.digest) throw damaged(path);
  return text;
};

/**
 * Pushes to the repository `<name>` under `<tag>`. Safe to repeat and to run several times at once.
 * @param registryUrl such as `http://127.0.0.1:5000`
 * @throws PushError when the registry does not answer or refuses, or the cached image was damaged.
 */
export const pushImage = async (
  registryUrl: string,
  image: BuiltImage,
  options: PushOptions = {},
): Promise<PushResult> => {
  const repository = openRepository(registryUrl, image.name, options.signal);
  const pushed = `${new URL(registryUrl).host}/${image.name}:${image.tag}@${image.digest}`;
  const manifest = await readManifest(image);
  const { config, layers } = parseManifest(manifest);
  const blobs: readonly Descriptor[] = [...layers, config];
  // A registry takes a manifest only when it has its blobs.
  if ((await repository.digestOfTag(image.tag)) === image.digest) {
    return { pushed, digest: image.digest, blobsSent: 0, blobsSkipped: blobs.length };
  }
  let blobsSent = 0;
  for (const { digest } of blobs) {
    if (await repository.hasBlob(digest)) continue;
    const path = blobPath(image.folder, digest);
    if ((await fileDigest(path)) !== digest) throw damaged(path);
    await repository.putBlob(digest, path);
    blobsSent += 1;
  }
  const stored = await repository.putManifest(image.tag, manifest);
  if (stored !== undefined && stored !== image.digest) {
    throw new PushError(
      'digest-mismatch',
      `the registry stored ${image.name}:${image.tag} as ${stored}, not as ${image.digest}`,
      { retryable: false },
    );
  }
  return { pushed, digest: image.digest, blobsSent, blobsSkipped: blobs.length - blobsSent };
};
