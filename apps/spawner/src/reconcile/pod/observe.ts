// Reads all that a pass needs to know: the replica's fold, the cluster cache, and, where a rule demands certainty, the
// log and the API server themselves. Changes nothing.
import type { PodKey } from '@pods/contracts';
import { podKeyToString } from '@pods/contracts';
import type { LivePod, PodState, Run } from '@pods/domain-pods';
import { isLive, needsReplacement, openRunOf, podAggregate, toMillis } from '@pods/domain-pods';
import type { EventLog, Folded, Replica } from '@pods/event-store';
import { loadFromLog } from '@pods/event-store';
import type { KindTypes, KubeClient, RunIdentity } from '@pods/kube';
import { runNames } from '@pods/kube';
import type { ClusterView } from '../../cluster-cache.ts';
import { buildRun } from './build-run.ts';
import type { ManifestSettings } from './manifests/input.ts';
import { readOwned } from './owned-object.ts';
import { isAheadOf } from './plan-parts.ts';
import type { Knowledge, OwnedObject, Snapshot, StartMaterials } from './snapshot.ts';

export interface ObserveDeps {
  readonly replica: Pick<Replica<PodState>, 'get' | 'isCaughtUp' | 'failure'>;
  readonly log: EventLog;
  readonly cluster: ClusterView;
  readonly kube: Pick<KubeClient, 'get'>;
  readonly installation: string;
  readonly settings: ManifestSettings;
  /** Whether objects without proof may be removed now. */
  readonly mayRemoveOrphans: () => boolean;
  /** When this process first saw that this run of this pod is to go. */
  readonly teardownSeenAt: (key: string, run: number) => number;
}

/** @throws KubeError, LogUnavailableError, or what the signal was aborted with. */
export async function observe(key: PodKey, deps: ObserveDeps, signal: AbortSignal): Promise<Snapshot> {
  const name = podKeyToString(key);
  const cached = deps.cluster.objectsOf(name);
  const folded = deps.replica.get(name);
  const knowledge = await know(key, folded, cached, deps);
  const run = knowledge.kind === 'live' ? openRunOf(knowledge.pod) : null;
  const base: Snapshot = {
    key,
    knowledge,
    objects: cached,
    taken: [],
    start: null,
    teardownSeenAt: null,
    orphanRemoval: hasOrphans(knowledge, cached) && deps.mayRemoveOrphans() ? 'allowed' : 'refused',
  };
  if (knowledge.kind !== 'live' || run === null) return base;
  const { pod } = knowledge;
  const goes = run.teardownStarted || needsReplacement(pod);
  const certain = await withCertainty(pod, run, cached, { deps, signal });
  // Another process opened that run after the log was asked: not the objects are without a history, but this is late.
  if (!hasUnknownRun(pod, cached) && hasUnknownRun(pod, certain.objects))
    return { ...base, knowledge: { kind: 'behind' } };
  return {
    ...base,
    ...certain,
    start: goes || run.failure !== null || run.end !== null ? null : startMaterials(pod, run, deps),
    teardownSeenAt: teardownBegan(name, run, deps),
  };
}

/** As the log says, so that a restart of this process prolongs nothing; no later than it was seen, should clocks differ. */
function teardownBegan(name: string, run: Run, deps: ObserveDeps): number | null {
  const { teardownStartedAt: at } = run;
  return at === null ? null : Math.min(toMillis(at), deps.teardownSeenAt(name, run.number));
}

/** The replica's word is enough for a pod that it has; that there is none, or another run, only the log can say. */
async function know(
  key: PodKey,
  folded: Folded<PodState> | undefined,
  objects: readonly OwnedObject[],
  deps: ObserveDeps,
): Promise<Knowledge> {
  // A replica that gave up followed another log than the one that is there now.
  if (!deps.replica.isCaughtUp || deps.replica.failure !== undefined) return { kind: 'behind' };
  if (folded?.newerThanMe === true) return { kind: 'newer' };
  const state = folded?.state;
  if (state !== undefined && isLive(state) && !hasUnknownRun(state, objects)) return { kind: 'live', pod: state };
  if (state === undefined && objects.length === 0) return { kind: 'unknown' };
  return askLog(key, folded?.version, deps.log);
}

async function askLog(key: PodKey, replicaVersion: number | undefined, log: EventLog): Promise<Knowledge> {
  const fresh = await loadFromLog({ log, aggregate: podAggregate }, [key.tenant, key.podId], { fresh: true });
  if (fresh.newerThanMe) return { kind: 'newer' };
  if (isLive(fresh.state)) {
    return fresh.version === replicaVersion ? { kind: 'live', pod: fresh.state } : { kind: 'behind' };
  }
  if (fresh.state.status === 'NONE') return { kind: 'unknown' };
  return { kind: 'deleted', incarnation: fresh.state.incarnation, lastRun: fresh.state.lastRun };
}

function hasOrphans(knowledge: Knowledge, objects: readonly OwnedObject[]): boolean {
  return knowledge.kind === 'live' ? hasUnknownRun(knowledge.pod, objects) : objects.length > 0;
}

function hasUnknownRun(pod: LivePod, objects: readonly OwnedObject[]): boolean {
  return objects.some((object) => isAheadOf(pod, object));
}

interface Reading {
  readonly deps: ObserveDeps;
  readonly signal: AbortSignal;
}

/** Pod and Service of an open run are looked for in the cluster itself when the cache does not have them. */
async function withCertainty(
  pod: LivePod,
  run: Run,
  cached: readonly OwnedObject[],
  reading: Reading,
): Promise<Pick<Snapshot, 'objects' | 'taken'>> {
  const identity = identityOf(pod, run, reading.deps.installation);
  const names = runNames(identity);
  const unknown = (
    [
      ['Pod', names.pod],
      ['Service', names.service],
    ] as const
  ).filter(([kind, name]) => !cached.some((object) => object.kind === kind && object.name === name));
  const looks = unknown.map(async ([kind, name]) => {
    const seen = await reading.deps.kube.get(kind, name, { signal: reading.signal });
    return { kind, name, seen };
  });
  const found: OwnedObject[] = [];
  const taken: string[] = [];
  for (const { kind, name, seen } of await Promise.all(looks)) {
    if (seen === undefined) continue;
    const own = ownedBy(identity, kind, seen);
    if (own === undefined) taken.push(`${kind} ${name}`);
    else found.push(own);
  }
  return { objects: [...cached, ...found], taken };
}

function ownedBy<K extends 'Pod' | 'Service'>(run: RunIdentity, kind: K, seen: KindTypes[K]): OwnedObject | undefined {
  const read = readOwned(kind, seen);
  if (read === undefined) return undefined;
  const keys = ['installation', 'site', 'tenant', 'podId'] as const;
  return keys.every((key) => read.identity[key] === run[key]) ? read.object : undefined;
}

function startMaterials(pod: LivePod, run: Run, deps: ObserveDeps): StartMaterials {
  return buildRun(identityOf(pod, run, deps.installation), run.definition, deps.settings);
}

function identityOf(pod: LivePod, run: Run, installation: string): RunIdentity {
  const { site, tenant, podId, incarnation } = pod;
  return { installation, site, tenant, podId, incarnation, run: run.number };
}
