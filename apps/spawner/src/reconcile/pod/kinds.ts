// The kinds of objects a pod's run consists of, as types only: so that pure files can name them without the client.
import type { ConfigMap, NetworkPolicy, Pod, Secret, Service } from '@pods/kube';

export type { ConfigMap, NetworkPolicy, PlatformEnd, Pod, RunNames, Secret, Service } from '@pods/kube';

/** Kinds that a run may own. The ConfigMap is its anchor. */
export const ownedKinds = ['Pod', 'Service', 'NetworkPolicy', 'Secret', 'ConfigMap'] as const;
export type OwnedKind = (typeof ownedKinds)[number];

/** The objects of one run, complete but for their owner. */
export interface RunManifests {
  readonly anchor: ConfigMap;
  readonly secret: Secret;
  readonly networkPolicy: NetworkPolicy;
  /** Null when the definition names no port: a Service must have one. */
  readonly service: Service | null;
  readonly pod: Pod;
}
export type RunPart = keyof RunManifests;

/** The parts by kind. */
export const partKinds = {
  anchor: 'ConfigMap',
  secret: 'Secret',
  networkPolicy: 'NetworkPolicy',
  service: 'Service',
  pod: 'Pod',
} as const satisfies Record<RunPart, OwnedKind>;
