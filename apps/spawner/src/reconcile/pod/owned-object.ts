// Reads objects of the cluster: whose they are and what of them a pass needs.
import type { KindTypes, MetadataOnly, Pod, RunIdentity } from '@pods/kube';
import { parseRunIdentity, platformEndOf } from '@pods/kube';
import type { OwnedKind } from './kinds.ts';
import { contentKey } from './plan-run.ts';
import type { ContainerFacts, OwnedObject } from './snapshot.ts';

/** An object of ours with the pod that it belongs to. */
export interface PlacedObject {
  readonly identity: RunIdentity;
  readonly object: OwnedObject;
}

/** Undefined for an object without readable labels of ours. */
export function readOwned<K extends OwnedKind>(kind: K, seen: KindTypes[K] | MetadataOnly): PlacedObject | undefined {
  const { metadata } = seen;
  const identity = parseRunIdentity(metadata);
  if (identity === undefined || metadata?.name === undefined || metadata.uid === undefined) return undefined;
  const object: OwnedObject = {
    kind,
    name: metadata.name,
    uid: metadata.uid,
    incarnation: identity.incarnation,
    run: identity.run,
    deleting: metadata.deletionTimestamp !== undefined,
    content: metadata.annotations?.[contentKey] ?? null,
    clusterIp: kind === 'Service' ? clusterIpOf(seen) : null,
    container: kind === 'Pod' ? containerFactsOf(seen) : null,
  };
  return { identity, object };
}

function clusterIpOf(service: KindTypes['Service'] | MetadataOnly): string | null {
  return 'spec' in service ? (service.spec.clusterIP ?? null) : null;
}

function containerFactsOf(pod: Pod | MetadataOnly): ContainerFacts {
  const status = 'status' in pod ? pod.status : undefined;
  const ran = (status?.containerStatuses ?? []).some(
    ({ state, lastState }) => state?.running !== undefined || startedOnce(state) || startedOnce(lastState),
  );
  return { ran, platformEnd: platformEndOf(pod) ?? null };
}

type ContainerState = NonNullable<NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]['state']>;

/** A container that was refused before it started is "terminated" too, without a start. */
function startedOnce(state: ContainerState | undefined): boolean {
  return state?.terminated?.startedAt !== undefined;
}
