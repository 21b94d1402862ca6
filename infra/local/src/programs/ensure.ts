// Makes sure that a program is there: ready-made, built before, or built now. Each build gets a folder of its own,
// named by what it is built from, that appears whole or not at all.
import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { withBuildLock } from './build-lock.ts';
import { buildProgram } from './build.ts';
import { programs, type ProgramName, type ProgramSpec } from './catalogue.ts';
import { findReadyMade } from './find.ts';
import { pinnedVersionOf, programKey } from './key.ts';
import { placesOf, type ProgramPlaces } from './places.ts';

const TICK_MS = 1_000;
const BUILDING = '.building-';

/** What happens on the way to a program. Times are in milliseconds. */
export type ProgramProgress =
  | { readonly state: 'ignored'; readonly program: ProgramName; readonly reason: string }
  | { readonly state: 'found' | 'cached'; readonly program: ProgramName; readonly path: string }
  | { readonly state: 'waiting'; readonly program: ProgramName }
  | {
      readonly state: 'building';
      readonly program: ProgramName;
      readonly elapsedMs: number;
      readonly estimateMs: number;
    }
  | { readonly state: 'built'; readonly program: ProgramName; readonly path: string; readonly elapsedMs: number };

/** All optional: without them the environment says where things are, and nothing is reported. */
export type EnsureOptions = {
  readonly onProgress?: (progress: ProgramProgress) => void;
  readonly signal?: AbortSignal;
  readonly places?: ProgramPlaces;
};

type Job = Required<EnsureOptions> & {
  readonly spec: ProgramSpec;
  readonly target: string;
  readonly storeFolder: string;
};

/** How long a build with empty caches may take here, in milliseconds: measured on two cores, and CPU-bound. */
export const estimateMs = (spec: ProgramSpec, cores = availableParallelism()): number =>
  Math.round((spec.buildMs * 2) / Math.min(cores, 8));

const exists = async (file: string): Promise<boolean> => {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
};

/** Only whoever holds the build lock may call this: what lies there then is from builds that were killed. */
const removeLeftovers = async (storeFolder: string): Promise<void> => {
  const leftovers = (await readdir(storeFolder)).filter((name) => name.startsWith(BUILDING));
  await Promise.all(
    leftovers.map(async (name) => {
      await rm(join(storeFolder, name), { recursive: true, force: true });
    }),
  );
};

const build = async ({ spec, target, storeFolder, signal, onProgress }: Job): Promise<void> => {
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  const report = (): void => {
    onProgress({ state: 'building', program: spec.name, elapsedMs: elapsedMs(), estimateMs: estimateMs(spec) });
  };
  report();
  const ticker = setInterval(report, TICK_MS);
  const workFolder = join(storeFolder, `${BUILDING}${spec.name}-${randomUUID()}`);
  try {
    await removeLeftovers(storeFolder);
    await buildProgram(spec, workFolder, signal);
    await rename(workFolder, join(target, '..'));
    onProgress({ state: 'built', program: spec.name, path: target, elapsedMs: elapsedMs() });
  } finally {
    clearInterval(ticker);
    await rm(workFolder, { recursive: true, force: true });
  }
};

/** Builds unless another process did while this one waited for its turn. */
const buildInTurn = async (job: Job): Promise<void> => {
  const { spec, target, storeFolder, signal, onProgress } = job;
  await mkdir(storeFolder, { recursive: true });
  const onWait = (): void => {
    onProgress({ state: 'waiting', program: spec.name });
  };
  await withBuildLock(join(storeFolder, '.lock'), signal, onWait, async () => {
    if (await exists(target)) onProgress({ state: 'cached', program: spec.name, path: target });
    else await build(job);
  });
};

/** Where a program is, or where a build of it would be kept. */
export type Located = {
  /** Undefined when it has to be built. */
  readonly path: string | undefined;
  readonly state: 'found' | 'cached' | 'missing';
  readonly storeFolder: string;
  readonly target: string;
  /** Ready-made programs that are there but will not do, and why. */
  readonly ignored: readonly string[];
};

/** Looks for a program without building it. @throws ProgramError */
export const locateProgram = async (name: ProgramName, places: ProgramPlaces): Promise<Located> => {
  const spec = programs[name];
  const storeFolder = join(places.cacheFolder, 'programs');
  const { path, ignored } = await findReadyMade(spec, places, await pinnedVersionOf(spec));
  if (path !== undefined) return { path, state: 'found', storeFolder, target: path, ignored };
  const target = join(storeFolder, `${name}-${await programKey(spec)}`, name);
  return (await exists(target))
    ? { path: target, state: 'cached', storeFolder, target, ignored }
    : { path: undefined, state: 'missing', storeFolder, target, ignored };
};

/**
 * The absolute path of a program: one in the given folder or on PATH if its version suits, else the build of exactly
 * the pinned source, made now if there is none. Any number of processes may ask at once: they build in turn.
 * @throws ProgramError with a message that says what to do.
 */
export const ensureProgram = async (name: ProgramName, options: EnsureOptions = {}): Promise<string> => {
  const { onProgress = () => undefined, signal = new AbortController().signal, places = placesOf(env) } = options;
  const { state, ignored, storeFolder, target } = await locateProgram(name, places);
  for (const reason of ignored) onProgress({ state: 'ignored', program: name, reason });
  if (state === 'missing') await buildInTurn({ spec: programs[name], target, storeFolder, signal, onProgress, places });
  else onProgress({ state, program: name, path: target });
  return target;
};
