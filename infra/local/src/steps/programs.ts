// Has every program at hand, and says how long building may take.
import { programNames, type ProgramName } from '../programs/catalogue.ts';
import { ensureProgram, type ProgramProgress } from '../programs/ensure.ts';
import type { ProgramPlaces } from '../programs/places.ts';
import { estimateAllMs, missingPrograms } from '../programs/plan.ts';
import { formatDuration } from '../ui/style.ts';
import { checkBuildRoom } from './disk.ts';
import type { StepContext } from './step.ts';

/** The programs' paths, and whether any had to be built. */
export type ProgramsResult = {
  readonly paths: Readonly<Record<ProgramName, string>>;
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

/** Finds or builds all programs, one after the other. */
export const ensurePrograms = async (
  places: ProgramPlaces,
  { signal, report }: StepContext,
): Promise<ProgramsResult> => {
  const missing = await missingPrograms(places);
  await checkBuildRoom(places.cacheFolder, missing);
  const states = new Map<ProgramName, ProgramProgress['state']>();
  const paths: Partial<Record<ProgramName, string>> = {};
  const onProgress = (progress: ProgramProgress): void => {
    const next = missing.slice(missing.indexOf(progress.program) + 1);
    const text = describeProgress(progress, next);
    if (text !== undefined) report(text);
    if (progress.state !== 'ignored') states.set(progress.program, progress.state);
  };
  for (const name of programNames) paths[name] = await ensureProgram(name, { places, signal, onProgress });
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
  return { paths: complete(paths), built: programNames.filter((name) => states.get(name) === 'built'), summary };
};

const isComplete = (paths: Partial<Record<ProgramName, string>>): paths is Record<ProgramName, string> =>
  programNames.every((name) => paths[name] !== undefined);

const complete = (paths: Partial<Record<ProgramName, string>>): Readonly<Record<ProgramName, string>> => {
  if (!isComplete(paths)) throw new Error('a program is missing');
  return paths;
};
