// Snapshots and objects with sensible content, to be overridden where a spec cares.
import type { PodEvent } from '@pods/contracts';
import { foldLive, podCreated } from '@pods/domain-pods/testing';
import type { RunIdentity } from '@pods/kube';
import { runNames } from '@pods/kube';
import type { SpawnPolicy } from '../reconcile/pod/actions.ts';
import { buildRun } from '../reconcile/pod/build-run.ts';
import type { OwnedKind } from '../reconcile/pod/kinds.ts';
import type { ManifestSettings } from '../reconcile/pod/manifests/input.ts';
import { contentKey } from '../reconcile/pod/plan-run.ts';
import type { OwnedObject, Snapshot, StartMaterials } from '../reconcile/pod/snapshot.ts';

export const someSettings: ManifestSettings = {
  queues: { default: { nodeSelector: {}, tolerations: [], gpuResources: [] } },
  gracePeriodSeconds: 10,
  edgeCidrs: ['198.18.0.1/32'],
  deniedCidrs: ['169.254.169.254/32', 'fd00:ec2::254/128'],
};

export const somePolicy: SpawnPolicy = {
  attemptsMax: 3,
  retry: { minMs: 2000, maxMs: 60_000 },
  lossesMax: 3,
  lossRetry: { minMs: 5000, maxMs: 300_000 },
  logsWaitMs: 10_000,
  recheckMs: 15_000,
};

/** The first run of the pod that `podCreated()` makes. */
export const firstRun: RunIdentity = {
  installation: 'spec',
  site: 'local',
  tenant: 'dev',
  podId: 'docpod',
  incarnation: 1,
  run: 1,
};

export function materials(run: RunIdentity = firstRun, settings = someSettings): StartMaterials {
  return buildRun(run, podCreated().definition, settings);
}

function contentOf(kind: OwnedKind, run: RunIdentity): string | null {
  const start = materials(run);
  if (start.kind !== 'manifests' || (kind !== 'Service' && kind !== 'NetworkPolicy')) return null;
  const manifest = kind === 'Service' ? start.manifests.service : start.manifests.networkPolicy;
  return manifest?.metadata?.annotations?.[contentKey] ?? null;
}

/** An object of a run as it is after a healthy start. Pods have the UID that `eventsOfStart` gives them. */
export function anObject(kind: OwnedKind, changes: Partial<OwnedObject> = {}): OwnedObject {
  const { incarnation = 1, run = 1 } = changes;
  const names = runNames({ ...firstRun, incarnation, run });
  const nameOf = {
    Pod: names.pod,
    Service: names.service,
    NetworkPolicy: names.networkPolicy,
    Secret: names.secret,
    ConfigMap: names.anchor,
  };
  return {
    kind,
    name: nameOf[kind],
    uid: kind === 'Pod' ? `uid-${run}` : `uid-${kind}-${run}`,
    incarnation,
    run,
    deleting: false,
    content: contentOf(kind, { ...firstRun, incarnation, run }),
    clusterIp: kind === 'Service' ? '198.19.0.7' : null,
    container: kind === 'Pod' ? { ran: true, platformEnd: null } : null,
    ...changes,
  };
}

/** All objects of a run. */
export function allObjects(changes: Partial<OwnedObject> = {}): readonly OwnedObject[] {
  return (['Pod', 'Service', 'NetworkPolicy', 'Secret', 'ConfigMap'] as const).map((kind) => anObject(kind, changes));
}

/** What is known of a pod with this history. */
export function aSnapshot(events: readonly PodEvent[], changes: Partial<Snapshot> = {}): Snapshot {
  return {
    key: { tenant: 'dev', podId: 'docpod' },
    knowledge: { kind: 'live', pod: foldLive(events) },
    objects: [],
    taken: [],
    start: null,
    teardownSeenAt: null,
    orphanRemoval: 'allowed',
    ...changes,
  };
}
