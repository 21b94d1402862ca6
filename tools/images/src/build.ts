// Builds images of the catalogue into the cache: works out what each is made of, and makes only those
// that are not there yet. Does not talk to a registry.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arch } from 'node:process';
import { catalogue } from './catalogue.ts';
import { openApt, type Apt } from './debian/apt.ts';
import { withCaBundle } from './debian/ca-bundle.ts';
import type { PackageFile } from './debian/package-file.ts';
import { unpack } from './debian/unpack.ts';
import { referenceOf, type ImageDefinition } from './definition.ts';
import { ImageBuildError } from './errors.ts';
import { buildProgram, programKey } from './go/build-program.ts';
import { arrange } from './layer/arrange.ts';
import { baseEntries, shellLinks } from './layer/base-files.ts';
import { file, folder, symlink, type LayerEntry } from './layer/entry.ts';
import { architectureOf, type Architecture } from './oci/documents.ts';
import { readLayout, writeLayout, type BuiltImage } from './oci/layout.ts';

/** Raise when the same ingredients give another layer than before. */
const BUILDER_VERSION = 1;

const GO_FOLDER = join(import.meta.dirname, '..', 'go');
const FILES_FOLDER = join(import.meta.dirname, '..', 'files');
const PARALLEL_BUILDS = 2;

/** What happens while images are built. */
export type BuildProgress = {
  /** `<name>:<tag>`. */
  readonly image: string;
  readonly step: 'cached' | 'downloading' | 'building' | 'built';
  readonly message: string;
};

export type BuildOptions = {
  /** Folder that this tool owns; shared by all checkouts. */
  readonly cacheDir: string;
  /** Names (`webpage`) or names with tag (`webpage:1`) to build; all when absent. */
  readonly only?: readonly string[];
  readonly onProgress?: (progress: BuildProgress) => void;
  /** Look for newer Debian packages first (needs the network). */
  readonly refresh?: boolean;
};

type Ingredients = {
  readonly image: ImageDefinition;
  readonly packages: readonly PackageFile[];
  readonly files: readonly LayerEntry[];
  readonly layoutFolder: string;
};

const nameOf = (image: ImageDefinition): string => `${image.name}:${image.tag}`;

const isMeant = (image: ImageDefinition, wanted: string): boolean =>
  [image.name, nameOf(image), referenceOf(image)].includes(wanted);

/**
 * The catalogue's images with the given names.
 * @throws ImageBuildError `unknown-image` naming the known ones.
 */
export const selectImages = (only: readonly string[] | undefined, images = catalogue): readonly ImageDefinition[] => {
  if (only === undefined) return images;
  const unknown = only.filter((wanted) => !images.some((image) => isMeant(image, wanted)));
  if (unknown.length > 0) {
    throw new ImageBuildError(
      'unknown-image',
      `no such image: ${unknown.join(', ')}; the catalogue has ${images.map(nameOf).join(', ')}`,
    );
  }
  return images.filter((image) => only.some((wanted) => isMeant(image, wanted)));
};

const thisArchitecture = (): Architecture => {
  const architecture = architectureOf(arch);
  if (architecture === undefined)
    throw new ImageBuildError(
      'unsupported-processor',
      `images can be built on x64 and arm64 processors, not on ${arch}`,
    );
  return architecture;
};

const collect = async (
  image: ImageDefinition,
  apt: Apt,
  cacheDir: string,
  architecture: Architecture,
): Promise<Ingredients> => {
  const packages = image.debian === undefined ? [] : await apt.resolve(image.debian);
  const contents = await Promise.all(image.files.map(async ({ from }) => await readFile(join(FILES_FOLDER, from))));
  const hash = createHash('sha256').update(
    JSON.stringify([BUILDER_VERSION, architecture, image, packages.map(({ fileName }) => fileName)]),
  );
  for (const content of contents) hash.update(createHash('sha256').update(content).digest());
  if (image.go !== undefined) hash.update(await programKey(join(GO_FOLDER, image.go.folder)));
  const files = image.files.map(({ to, mode }, index) => file(to, contents[index] ?? '', mode));
  const layoutFolder = join(cacheDir, 'built', `${image.name}-${image.tag}-${hash.digest('hex').slice(0, 20)}`);
  return { image, packages, files, layoutFolder };
};

async function* filesOf(
  packages: readonly PackageFile[],
  dropPaths: readonly string[],
  apt: Apt,
): AsyncGenerator<LayerEntry> {
  for (const one of packages) yield* unpack(apt.pathOf(one), dropPaths);
}

async function* entriesOf(
  { image, packages, files }: Ingredients,
  apt: Apt,
  architecture: Architecture,
): AsyncGenerator<LayerEntry> {
  if (image.debian !== undefined) yield* baseEntries(image);
  if (image.go !== undefined)
    yield file(image.go.to, await buildProgram(join(GO_FOLDER, image.go.folder), architecture), 0o755);
  for (const { path, mode, ownerId } of image.folders) yield folder(path, mode, ownerId);
  yield* files;
  for (const { path, target } of image.links) yield symlink(path, target);
  yield* withCaBundle(filesOf(packages, image.debian?.dropPaths ?? [], apt));
  if (packages.some(({ name }) => name === 'busybox')) yield* shellLinks();
}

const inParallel = async <T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
};

const inMiB = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const buildMissing = async (
  missing: readonly Ingredients[],
  apt: Apt,
  architecture: Architecture,
  report: (image: ImageDefinition, step: BuildProgress['step'], message: string) => void,
): Promise<readonly BuiltImage[]> => {
  const wanted = new Map(missing.flatMap(({ packages }) => packages.map((one) => [one.fileName, one])));
  for (const { image, packages } of missing) {
    if (packages.length > 0)
      report(
        image,
        'downloading',
        `${packages.length} Debian packages, ${inMiB(packages.reduce((sum, one) => sum + one.sizeBytes, 0))}`,
      );
  }
  await apt.download([...wanted.values()]);
  const done: BuiltImage[] = [];
  await inParallel(missing, PARALLEL_BUILDS, async (ingredients) => {
    const { image, layoutFolder } = ingredients;
    report(image, 'building', 'packing');
    const built = await writeLayout(
      image,
      architecture,
      arrange(entriesOf(ingredients, apt, architecture)),
      layoutFolder,
    );
    report(image, 'built', `${built.digest}, ${inMiB(built.sizeBytes)}`);
    done.push(built);
  });
  return done;
};

/**
 * Makes sure that the images are in the cache and returns them in the catalogue's order. An image is
 * built again only when something it is made of changed. Safe to run several times at once.
 * @throws ImageBuildError with a message that says what to do.
 */
export const buildCatalogue = async (options: BuildOptions): Promise<readonly BuiltImage[]> => {
  const images = selectImages(options.only);
  const architecture = thisArchitecture();
  const report = (image: ImageDefinition, step: BuildProgress['step'], message: string): void =>
    options.onProgress?.({ image: nameOf(image), step, message });
  const apt = await openApt(join(options.cacheDir, 'apt'));
  if (options.refresh === true && images.some(({ debian }) => debian !== undefined)) await apt.refresh();

  const attempt = async (): Promise<readonly BuiltImage[]> => {
    const needed = await Promise.all(
      images.map(async (image) => await collect(image, apt, options.cacheDir, architecture)),
    );
    const there = await Promise.all(
      needed.map(async ({ image, layoutFolder }) => await readLayout(image, layoutFolder)),
    );
    const cached = there.filter((built) => built !== undefined);
    for (const { name, tag, digest } of cached)
      options.onProgress?.({ image: `${name}:${tag}`, step: 'cached', message: digest });
    const built = await buildMissing(
      needed.filter((_, index) => there[index] === undefined),
      apt,
      architecture,
      report,
    );
    const all = [...cached, ...built];
    return images.flatMap((image) => all.filter(({ name, tag }) => name === image.name && tag === image.tag));
  };

  try {
    return await attempt();
  } catch (error) {
    // Remembered versions disappear from the mirror when newer ones come out: look once at what is there now.
    if (!(error instanceof ImageBuildError) || error.code !== 'apt-failed' || options.refresh === true) throw error;
    await apt.refresh();
    return await attempt();
  }
};
