// Rule 8 of plan.ts: the objects of a run that is wanted. Pure.
import type { Cause, LivePod, Run } from '@pods/domain-pods';
import { toInstant, toMillis } from '@pods/domain-pods';
import type { Action, Plan, SpawnPolicy } from './actions.ts';
import { cause, delayMs } from './actions.ts';
import type { OwnedKind, PlatformEnd, RunManifests, RunPart } from './kinds.ts';
import { partKinds } from './kinds.ts';
import { idle, nothing, restartReason } from './plan-parts.ts';
import type { OwnedObject, Snapshot } from './snapshot.ts';

export interface RunFacts {
  readonly snapshot: Snapshot;
  readonly pod: LivePod;
  readonly run: Run;
}

/** A run whose objects are not recorded yet. */
export function planSpawning(facts: RunFacts, now: number, policy: SpawnPolicy): Plan {
  const { snapshot, run } = facts;
  const { start, objects } = snapshot;
  const obstacle = refusalOf(facts) ?? delayOf(run, now, policy) ?? waitOf(facts, policy);
  if (obstacle !== null || start?.kind !== 'manifests') return obstacle ?? nothing;
  // health may have seen the Pod and it may have gone since: then it is recorded first, and lost afterwards.
  const podUid = run.podUid ?? podOf(objects)?.uid ?? null;
  const parts = missingParts(start.manifests, objects).filter((part) => part !== 'pod' || podUid === null);
  const address = objects.find((object) => object.kind === 'Service')?.clusterIp ?? null;
  return { ...nothing, actions: [...parts.map(create), { type: 'RecordCreated', podUid, address }] };
}

function refusalOf({ snapshot, pod, run }: RunFacts): Plan | null {
  return snapshot.start?.kind === 'impossible' ? failed(pod, run, snapshot.start.cause, true) : null;
}

function delayOf(run: Run, now: number, policy: SpawnPolicy): Plan | null {
  if (run.lastSpawnFailure === null) return null;
  const dueAt = toMillis(run.lastSpawnFailure.at) + delayMs(policy.retry, run.spawnFailures);
  if (now >= dueAt) return null;
  const attempt = `attempt ${run.spawnFailures + 1} of ${policy.attemptsMax}`;
  return idle(`${attempt} at ${toInstant(dueAt)}`, dueAt - now, 'the delay after a failed attempt');
}

function waitOf({ snapshot, pod, run }: RunFacts, policy: SpawnPolicy): Plan | null {
  const { taken, objects } = snapshot;
  if (taken.length > 0) {
    const message = `the cluster holds other objects under the names that the pod needs: ${taken.join(', ')}. Remove them.`;
    return failed(pod, run, cause('NameTaken', message), run.spawnFailures + 1 >= policy.attemptsMax);
  }
  if (podOf(objects)?.deleting !== true) return null;
  const progress = 'waiting for the cluster to remove the container before it is started again';
  return idle(progress, policy.recheckMs, 'the Pod is being removed');
}

/** A run whose objects are recorded: they are kept as they should be, or the run is lost with its Pod. */
export function planRunning({ snapshot, pod, run }: RunFacts, now: number, policy: SpawnPolicy): Plan {
  const { objects, start } = snapshot;
  const own = objects.find((object) => object.kind === 'Pod' && object.uid === run.podUid);
  const loss = lossOf(own);
  if (loss !== null) {
    const { incarnation } = pod;
    const of = { incarnation, run: run.number, podUid: run.podUid ?? '' };
    const facts = { ...judged(loss, policy), at: toInstant(now) };
    return { ...nothing, actions: [{ type: 'Record', command: { type: 'RecordLoss', ...of, ...facts } }] };
  }
  if (own?.deleting === true) {
    return idle(
      'the cluster is removing the container; it is started again afterwards',
      policy.recheckMs,
      'the Pod is being removed',
    );
  }
  if (start?.kind !== 'manifests') return nothing;
  const missing = missingParts(start.manifests, objects).map((part) => createAgain(part, run));
  return { ...nothing, actions: [...missing, ...changes(start.manifests, objects)] };
}

function lossOf(own: OwnedObject | undefined): PlatformEnd | null {
  if (own !== undefined) return own.container?.platformEnd ?? null;
  const message = 'the Pod is gone from the cluster, and nobody had asked for that here';
  return { reason: 'PodVanished', message, byRestart: false };
}

/** However often the machine is started again, that says nothing against the pod: it is never given up for it. */
function judged(loss: PlatformEnd, policy: SpawnPolicy): { readonly cause: Cause; readonly lossesMax: number | null } {
  if (!loss.byRestart) return { cause: cause(loss.reason, loss.message), lossesMax: policy.lossesMax };
  const message = `${loss.message} (${loss.reason})`;
  return { cause: cause(restartReason, message), lossesMax: null };
}

function failed(pod: LivePod, run: Run, why: Cause, final: boolean): Plan {
  const attempt = { incarnation: pod.incarnation, run: run.number, attempt: run.spawnFailures + 1 };
  return {
    ...nothing,
    actions: [{ type: 'Record', command: { type: 'RecordSpawnFailure', ...attempt, cause: why, final } }],
  };
}

/** In the order of their making: the owner first, the Pod when all that it needs is there. */
const order = ['anchor', 'secret', 'networkPolicy', 'service', 'pod'] as const satisfies readonly RunPart[];

function missingParts(manifests: RunManifests, objects: readonly OwnedObject[]): readonly RunPart[] {
  return order.filter((part) => manifests[part] !== null && !has(objects, partKinds[part]));
}

function has(objects: readonly OwnedObject[], kind: OwnedKind): boolean {
  return objects.some((object) => object.kind === kind);
}

function podOf(objects: readonly OwnedObject[]): OwnedObject | undefined {
  return objects.find((object) => object.kind === 'Pod');
}

function create(part: RunPart): Action {
  return { type: 'Create', part };
}

/** The edge and other pods know the recorded address. */
function createAgain(part: RunPart, { objects }: Run): Action {
  const address = objects?.address ?? '';
  return part === 'service' && address !== '' ? { type: 'Create', part, address } : create(part);
}

/** Settings of the installation may have changed since these were written. */
function changes(manifests: RunManifests, objects: readonly OwnedObject[]): readonly Action[] {
  const parts = ['service', 'networkPolicy'] as const;
  return parts.flatMap((part) => {
    const object = objects.find(({ kind, deleting }) => kind === partKinds[part] && !deleting);
    const wanted = manifests[part]?.metadata?.annotations?.[contentKey];
    if (object === undefined || wanted === undefined || object.content === wanted) return [];
    return [{ type: 'Apply', part, uid: object.uid }];
  });
}

/** Annotation with the hash of what was asked for. */
export const contentKey = 'pods.local/content';
