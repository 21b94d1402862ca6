// What can be told from a definition alone: why no Pod can be made of it, however often one tries.
import { environmentNamePattern } from '@pods/contracts';
import type { Cause } from '@pods/domain-pods';
import type { ManifestInput } from './input.ts';
import { queueOf } from './input.ts';

/** The cause for people, or null when there is none. */
export function impossibleBecause(input: Pick<ManifestInput, 'definition' | 'settings'>): Cause | null {
  return badVariable(input) ?? tooManyGpus(input);
}

function badVariable({ definition }: Pick<ManifestInput, 'definition'>): Cause | null {
  const bad = Object.keys(definition.environment_variables).filter((name) => !environmentNamePattern.test(name));
  if (bad.length === 0) return null;
  return {
    reason: 'InvalidEnvironment',
    message:
      `environment variables cannot have these names: ${bad.map((name) => JSON.stringify(name)).join(', ')}. ` +
      'Use letters, digits, "_", "." and "-", with no digit and no ".." at the start.',
  };
}

function tooManyGpus(input: Pick<ManifestInput, 'definition' | 'settings'>): Cause | null {
  const { gpus } = input.definition.resources;
  const { gpuResources } = queueOf(input);
  const gpusMax = gpuResources.reduce((sum, resource) => sum + resource.gpusMax, 0);
  if (gpus <= gpusMax) return null;
  return {
    reason: 'QueueHasNoGpus',
    message: `the compute queue ${JSON.stringify(input.definition.compute_queue)} gives at most ${gpusMax} GPUs to a pod, and ${gpus} are asked for.`,
  };
}
