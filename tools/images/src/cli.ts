// The command line of the image tool: arguments in, lines out. Does not read the environment.
import { parseArgs } from 'node:util';
import { buildCatalogue, selectImages } from './build.ts';
import { referenceOf } from './definition.ts';
import type { BuiltImage } from './oci/layout.ts';
import { pushImage } from './registry/push.ts';

/** The help text. */
const USAGE = `Builds the images of the catalogue and pushes them to a registry.

  node tools/images/src/main.ts list                     what can be built
  node tools/images/src/main.ts build [image...]         build into the cache
  node tools/images/src/main.ts push  [image...]         build what is missing, then push

  --registry URL   where to push, http://127.0.0.1:5000 if absent
  --cache DIR      where built images are kept, $PODS_CACHE/images if absent
  --refresh        look for newer Debian packages first
  --json           results as JSON
  --help           this text
`;

export type CliDeps = {
  readonly defaultCacheDir: string;
  readonly print: (line: string) => void;
  readonly printProgress: (line: string) => void;
};

const options = {
  registry: { type: 'string', default: 'http://127.0.0.1:5000' },
  cache: { type: 'string' },
  refresh: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Settings = {
  readonly registry: string;
  readonly cacheDir: string;
  readonly refresh: boolean;
  readonly json: boolean;
};

const list = (names: readonly string[] | undefined, { json }: Settings, { print }: CliDeps): void => {
  const images = selectImages(names).map((image) => ({
    reference: referenceOf(image),
    description: image.description,
  }));
  if (json) print(JSON.stringify(images, null, 2));
  else for (const { reference, description } of images) print(`${reference.padEnd(26)} ${description}`);
};

const build = async (
  names: readonly string[] | undefined,
  settings: Settings,
  deps: CliDeps,
): Promise<readonly BuiltImage[]> =>
  await buildCatalogue({
    cacheDir: settings.cacheDir,
    refresh: settings.refresh,
    ...(names === undefined ? {} : { only: names }),
    onProgress: ({ image, step, message }) => deps.printProgress(`${image}: ${step}, ${message}`),
  });

const push = async (names: readonly string[] | undefined, settings: Settings, deps: CliDeps): Promise<void> => {
  const results = [];
  for (const image of await build(names, settings, deps)) {
    const result = await pushImage(settings.registry, image);
    results.push({ reference: image.reference, ...result });
    if (!settings.json)
      deps.print(`${result.pushed} (${result.blobsSent} blobs sent, ${result.blobsSkipped} there already)`);
  }
  if (settings.json) deps.print(JSON.stringify(results, null, 2));
};

/** Runs one command line; returns the exit code. Errors with a message for people are thrown. */
export const runCli = async (args: readonly string[], deps: CliDeps): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [command, ...given] = positionals;
  const names = given.length === 0 ? undefined : given;
  const settings = {
    registry: values.registry,
    cacheDir: values.cache ?? deps.defaultCacheDir,
    refresh: values.refresh,
    json: values.json,
  };
  if (values.help) deps.print(USAGE);
  else if (command === 'list') list(names, settings, deps);
  else if (command === 'push') await push(names, settings, deps);
  else if (command === 'build') {
    const built = await build(names, settings, deps);
    if (settings.json) deps.print(JSON.stringify(built, null, 2));
    else for (const { reference, digest, folder } of built) deps.print(`${reference} ${digest} ${folder}`);
  } else {
    deps.printProgress(USAGE);
    return 2;
  }
  return 0;
};
