import { locateProgram } from './ensure.ts';
// Finds a kubectl where no Kubernetes is run, for what platform.json tells. Builds nothing.
import { ProgramError } from './errors.ts';
import type { ProgramPlaces } from './places.ts';

/** The command of a kubectl: our own where it is ready-made or was built before, else whatever PATH has. */
export const findKubectl = async (places: ProgramPlaces): Promise<readonly string[]> => {
  try {
    const { path } = await locateProgram('kube', places);
    return path === undefined ? ['kubectl'] : [path, 'kubectl'];
  } catch (error) {
    // Without Go nobody can tell which build would be ours.
    if (error instanceof ProgramError) return ['kubectl'];
    throw error;
  }
};
