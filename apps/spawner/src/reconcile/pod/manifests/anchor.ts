// The run's anchor: owns every other object of the run, so that the cluster collects what a stalled process adds late.
import type { ConfigMap } from '../kinds.ts';
import type { ManifestInput } from './input.ts';
import { metadataOf } from './input.ts';

export function anchorManifest(input: ManifestInput): ConfigMap {
  return { metadata: metadataOf(input, input.names.anchor), immutable: true };
}
