// The catalogue's images: built once into the cache, pushed to the local registry.
import { join } from 'node:path';
import { buildCatalogue, ImageBuildError, pushImage, type BuiltImage } from '@pods/images';
import { registryUrl } from '../parts/registry.ts';
import type { Platform } from '../platform.ts';
import type { StepContext } from './step.ts';

/** The images, and what was done to have them. */
export type ImagesResult = { readonly images: readonly BuiltImage[]; readonly summary: string };

/** The one that a start itself needs; it is made of nothing that has to be downloaded from a distribution. */
const NEEDED = 'webpage';

/**
 * Builds what is not in the cache. When Debian's packages cannot be had, the platform comes up with fewer images.
 * @throws ImageBuildError when not even the needed one can be built.
 */
export const buildImages = async (cacheFolder: string, { report, signal }: StepContext): Promise<ImagesResult> => {
  let built = 0;
  const build = async (only?: readonly string[]): Promise<readonly BuiltImage[]> =>
    await buildCatalogue({
      cacheDir: join(cacheFolder, 'images'),
      ...(only === undefined ? {} : { only }),
      onProgress: ({ image, step, message }) => {
        if (step !== 'cached') report(`${image}: ${step} (${message})`);
        if (step === 'built') built += 1;
      },
    });
  const needed = await build([NEEDED]);
  signal.throwIfAborted();
  try {
    const images = await build();
    return {
      images,
      summary:
        built === 0 ? `${images.length} from the cache` : `${built} built, ${images.length - built} from the cache`,
    };
  } catch (error) {
    if (!(error instanceof ImageBuildError)) throw error;
    return {
      images: needed,
      summary: `only ${NEEDED}, the others cannot be built now: ${error.message.split('\n').join(' ')}`,
    };
  }
};

/** Pushes images; what the registry has already is not sent again. */
export const pushImages = async (
  platform: Platform,
  images: readonly BuiltImage[],
  { signal, report }: StepContext,
): Promise<string> => {
  let sent = 0;
  for (const image of images) {
    report(image.reference);
    const { blobsSent } = await pushImage(registryUrl(platform), image, { signal });
    if (blobsSent > 0) sent += 1;
  }
  const names = images.map(({ reference }) => reference).join(' ');
  return sent === 0 ? `${names}: there already` : names;
};
