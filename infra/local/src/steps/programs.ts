// Has every program at hand, and says how long building may take.
import { programNames, type ProgramName } from '../programs/catalogue.ts';
import { ensureProgram, type ProgramProgress } from '../programs/ensure.ts';
import type { ProgramPlaces } from '../programs/places.ts';
import { estimateAllMs, missingPrograms } from '../programs/plan.ts';
import { formatDuration } from '../ui/style.ts';
import { checkBuildRoom } from './disk.ts';
import type { StepContext } from './step.ts';

/** The programs' paths, and whether any had to be built. */
export type ProgramsResult<Name extends ProgramName = ProgramName> = {
  readonly paths: Readonly<Record<Name, string>>;
  readonly built: readonly ProgramName[];
  readonly summary: string;
};

/** What a progress means for somebody who waits; undefined for what needs no words. */
export const describeProgress = (progress: ProgramProgress, next: readonly ProgramName[]): string | undefined => {
  switch (progress.state) {
    case 'building': {
      const then =
        next.length === 0 ? '' : `; then ${next.join(', ')}: about ${formatDuration(estimateAllMs(next))} more`;
      return `building ${progress.program}, ${formatDuration(progress.elapsedMs)} of about ${formatDuration(progress.estimateMs)}${then}`;
    }
    case 'waiting':
      return `waiting for a build of another process before building ${progress.program}`;
    case 'ignored':
      return `not used: ${progress.reason}`;
    case 'found':
    case 'cached':
    case 'built':
      return undefined;
  }
};

/** Finds or builds the named programs, one after the other. */
export const ensureSomePrograms = async <Name extends ProgramName>(
  names: readonly Name[],
  places: ProgramPlaces,
  { signal, report }: StepContext,
): Promise<ProgramsResult<Name>> => {
  const missing = await missingPrograms(places, names);
  await checkBuildRoom(places.cacheFolder, missing);
  const states = new Map<ProgramName, ProgramProgress['state']>();
  const paths = new Map<Name, string>();
  const onProgress = (progress: ProgramProgress): void => {
    const next = missing.slice(missing.indexOf(progress.program) + 1);
    const text = describeProgress(progress, next);
    if (text !== undefined) report(text);
    if (progress.state !== 'ignored') states.set(progress.program, progress.state);
  };
  for (const name of names) paths.set(name, await ensureProgram(name, { places, signal, onProgress }));
  const count = (state: ProgramProgress['state']): number => [...states.values()].filter((one) => one === state).length;
  const parts = [
    [count('built'), 'built'],
    [count('cached'), 'from the cache'],
    [count('found'), 'found ready-made'],
  ] as const;
  const summary = parts
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number} ${what}`)
    .join(', ');
  return { paths: complete(names, paths), built: names.filter((name) => states.get(name) === 'built'), summary };
};

/** Finds or builds all programs, one after the other. */
export const ensurePrograms = async (places: ProgramPlaces, context: StepContext): Promise<ProgramsResult> =>
  await ensureSomePrograms(programNames, places, context);

const isComplete = <Name extends string>(
  names: readonly Name[],
  paths: Readonly<Partial<Record<string, string>>>,
): paths is Record<Name, string> => names.every((name) => paths[name] !== undefined);

const complete = <Name extends string>(
  names: readonly Name[],
  found: ReadonlyMap<Name, string>,
): Readonly<Record<Name, string>> => {
  const paths: Readonly<Partial<Record<string, string>>> = Object.fromEntries(found);
  if (!isComplete(names, paths)) throw new Error('a program is missing');
  return paths;
};
