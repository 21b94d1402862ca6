// The values of the pod's environment variables. They never stand in the Pod object itself.
import type { Secret } from '../kinds.ts';
import type { ManifestInput } from './input.ts';
import { metadataOf } from './input.ts';

/** Kubernetes empties nothing by itself: a pod shall not find the API server by these (runtime.md 2.4). */
const emptied = [
  'KUBERNETES_PORT',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'KUBERNETES_SERVICE_PORT_HTTPS',
  'KUBERNETES_PORT_443_TCP',
  'KUBERNETES_PORT_443_TCP_ADDR',
  'KUBERNETES_PORT_443_TCP_PORT',
  'KUBERNETES_PORT_443_TCP_PROTO',
] as const;

/** All variables of the container; the service's own win over the user's (runtime.md 2.4). */
export function environmentOf({ definition }: Pick<ManifestInput, 'definition'>): Readonly<Record<string, string>> {
  return {
    ...definition.environment_variables,
    image: definition.image,
    revision: '1',
    ...Object.fromEntries(emptied.map((name) => [name, ''])),
  };
}

/** Keys by index: names of variables may hold what a key of a Secret may not. */
export function secretKey(index: number): string {
  return `env.${index}`;
}

export function secretManifest(input: ManifestInput): Secret {
  const values = Object.values(environmentOf(input));
  return {
    metadata: metadataOf(input, input.names.secret),
    type: 'Opaque',
    immutable: true,
    stringData: Object.fromEntries(values.map((value, index) => [secretKey(index), value])),
  };
}
