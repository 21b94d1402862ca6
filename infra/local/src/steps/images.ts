// The catalogue's images: built once into the cache, pushed to the local registry.
import { join } from 'node:path';
import { buildCatalogue, pushImage, type BuiltImage } from '@pods/images';
import { registryUrl } from '../parts/registry.ts';
import type { Platform } from '../platform.ts';
import type { StepContext } from './step.ts';

/** The images, and what was done to have them. */
export type ImagesResult = { readonly images: readonly BuiltImage[]; readonly summary: string };

/** Builds what is not in the cache. */
export const buildImages = async (cacheFolder: string, { report }: StepContext): Promise<ImagesResult> => {
  let built = 0;
  const images = await buildCatalogue({
    cacheDir: join(cacheFolder, 'images'),
    onProgress: ({ image, step, message }) => {
      if (step !== 'cached') report(`${image}: ${step} (${message})`);
      if (step === 'built') built += 1;
    },
  });
  return { images, summary: built === 0 ? `${images.length} from the cache` : `${built} built, ${images.length - built} from the cache` };
};

/** Pushes images; what the registry has already is not sent again. */
export const pushImages = async (platform: Platform, images: readonly BuiltImage[], { signal, report }: StepContext): Promise<string> => {
  let sent = 0;
  for (const image of images) {
    report(image.reference);
    const { blobsSent } = await pushImage(registryUrl(platform), image, { signal });
    if (blobsSent > 0) sent += 1;
  }
  const names = images.map(({ reference }) => reference).join(' ');
  return sent === 0 ? `${names}: there already` : names;
};
