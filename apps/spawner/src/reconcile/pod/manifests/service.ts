// The pod's stable address in the cluster.
import type { Service } from '../kinds.ts';
import type { ManifestInput } from './input.ts';
import { distinctPorts, metadataOf } from './input.ts';

/**
 * Null without a port. It leads to the Pod of this run only, and only while its container runs: addresses of Pods that
 * are not ready are not published.
 */
export function serviceManifest(input: ManifestInput): Service | null {
  const ports = distinctPorts(input.definition);
  if (ports.length === 0) return null;
  return {
    metadata: metadataOf(input, input.names.service),
    spec: {
      type: 'ClusterIP',
      selector: { ...input.runSelector },
      ports: ports.map((port, index) => ({ name: input.portName(index), port, targetPort: port, protocol: 'TCP' })),
    },
  };
}
