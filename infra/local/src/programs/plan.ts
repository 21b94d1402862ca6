// Which programs would have to be built, and how long that may take. Builds nothing.
import { programNames, programs, type ProgramName } from './catalogue.ts';
import { estimateMs, locateProgram } from './ensure.ts';
import type { ProgramPlaces } from './places.ts';

/** Those of the programs that are neither ready-made nor built before, in the order in which they are built. */
export const missingPrograms = async (
  places: ProgramPlaces,
  names: readonly ProgramName[] = programNames,
): Promise<readonly ProgramName[]> => {
  const located = await Promise.all(names.map(async (name) => await locateProgram(name, places)));
  return names.filter((_, index) => located[index]?.path === undefined);
};

/** How long building these may take, in milliseconds: they are built one after the other. */
export const estimateAllMs = (names: readonly ProgramName[]): number =>
  names.reduce((sum, name) => sum + estimateMs(programs[name]), 0);
