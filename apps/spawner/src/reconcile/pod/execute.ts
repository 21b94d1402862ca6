// Carries out a plan in its order. Every action may have been done before, by this process or another: that is no
// failure. After the first that does not succeed the rest is left for another pass.
import { randomUUID } from 'node:crypto';
import type { PodKey } from '@pods/contracts';
import { openRunOf } from '@pods/domain-pods';
import type { Cause, SpawnerCommand } from '@pods/domain-pods';
import type { KubeClient } from '@pods/kube';
import { KubeError, parseRunIdentity } from '@pods/kube';
import type { Action } from './actions.ts';
import { meaningOf } from './failures.ts';
import type { ConfigMap, RunManifests, RunPart } from './kinds.ts';
import { partKinds } from './kinds.ts';
import type { OwnedObject, Snapshot } from './snapshot.ts';

export interface ExecuteDeps {
  readonly kube: Pick<KubeClient, 'create' | 'apply' | 'get' | 'delete'>;
  /** Decides a command on the pod's history and appends what it gives. @throws LogUnavailableError … */
  readonly record: (key: PodKey, commandId: string, command: SpawnerCommand) => Promise<void>;
  readonly gracePeriodSeconds: number;
  /** Told of each action that was carried out. */
  readonly onAction: (action: Action) => void;
}

export type Execution =
  | { readonly kind: 'done' }
  /** The world is not what was observed: observe it again. */
  | { readonly kind: 'again'; readonly reason: string }
  /** The cluster is away or in the way; no attempt is counted. */
  | { readonly kind: 'cluster-away'; readonly error: KubeError }
  | { readonly kind: 'failed'; readonly cause: Cause; readonly hopeless: boolean; readonly error: KubeError };

/** @throws what `record` throws, and what the signal was aborted with. */
export async function execute(
  actions: readonly Action[],
  snapshot: Snapshot,
  deps: ExecuteDeps,
  signal: AbortSignal,
): Promise<Execution> {
  const context = { snapshot, deps, made: madeBefore(snapshot), signal };
  for (const stage of stagesOf(actions)) {
    signal.throwIfAborted();
    // All are waited for: nothing may still be on its way when the next pass observes.
    const attempts = await Promise.allSettled(stage.map((action) => attempt(action, context)));
    for (const each of attempts) {
      if (each.status === 'rejected') throw each.reason;
      if (each.value !== undefined) return each.value;
    }
  }
  return { kind: 'done' };
}

/** What hangs on the anchor and is needed before the Pod, but not by each other. */
const besideEachOther: ReadonlySet<RunPart> = new Set(['secret', 'networkPolicy', 'service']);

/** Actions that follow one another, each alone; those that may be made at the same time together. */
function stagesOf(actions: readonly Action[]): readonly (readonly Action[])[] {
  const stages: Action[][] = [];
  for (const action of actions) {
    const last = stages.at(-1);
    if (last !== undefined && isBeside(action) && last.every(isBeside)) last.push(action);
    else stages.push([action]);
  }
  return stages;
}

function isBeside(action: Action): boolean {
  return action.type === 'Create' && besideEachOther.has(action.part);
}

/** Undefined when the action was carried out. @throws what `record` throws */
async function attempt(action: Action, context: Context): Promise<Execution | undefined> {
  try {
    const again = await carryOut(action, context);
    if (again !== undefined) return { kind: 'again', reason: again };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return executionOf(error);
  }
  context.deps.onAction(action);
  return undefined;
}

function executionOf(error: KubeError): Execution {
  const meaning = meaningOf(error);
  switch (meaning.kind) {
    case 'wait':
      return error.code === 'AlreadyExists' || error.code === 'Conflict'
        ? { kind: 'again', reason: error.message }
        : { kind: 'cluster-away', error };
    case 'counts':
      return { kind: 'failed', cause: meaning.cause, hopeless: false, error };
    case 'hopeless':
      return { kind: 'failed', cause: meaning.cause, hopeless: true, error };
  }
}

/** What later actions need of what is there or was made by earlier ones. */
interface Made {
  anchor: { readonly name: string; readonly uid: string } | undefined;
  podUid: string | undefined;
  address: string | undefined;
}

function madeBefore({ objects }: Snapshot): Made {
  const find = (kind: OwnedObject['kind']): OwnedObject | undefined => objects.find((object) => object.kind === kind);
  return { anchor: find('ConfigMap'), podUid: undefined, address: find('Service')?.clusterIp ?? undefined };
}

interface Context {
  readonly snapshot: Snapshot;
  readonly deps: ExecuteDeps;
  readonly made: Made;
  readonly signal: AbortSignal;
}

/** A text when the world is not what was observed. */
async function carryOut(action: Action, context: Context): Promise<string | undefined> {
  const { snapshot, deps, signal } = context;
  switch (action.type) {
    case 'Record':
      await deps.record(snapshot.key, randomUUID(), action.command);
      return undefined;
    case 'RecordCreated':
      return recordCreated(action, context);
    case 'Create':
      return create(action, manifestsOf(snapshot), context);
    case 'Apply': {
      const manifest = manifestsOf(snapshot)[action.part];
      if (manifest === null) return undefined;
      await deps.kube.apply(partKinds[action.part], owned(manifest, context.made), { uid: action.uid, signal });
      return undefined;
    }
    case 'Delete':
      await deps.kube.delete(action.kind, action.name, {
        uid: action.uid,
        gracePeriodSeconds: action.kind === 'Pod' ? deps.gracePeriodSeconds : undefined,
        signal,
      });
      return undefined;
  }
}

function manifestsOf({ start, key }: Snapshot): RunManifests {
  if (start?.kind === 'manifests') return start.manifests;
  throw new Error(`a plan for ${key.tenant}/${key.podId} makes objects without manifests`);
}

async function create(
  { part, address }: Extract<Action, { type: 'Create' }>,
  manifests: RunManifests,
  context: Context,
): Promise<string | undefined> {
  const { deps, made, signal } = context;
  const { kube } = deps;
  switch (part) {
    case 'anchor':
      return createAnchor(manifests.anchor, context);
    case 'secret':
      await createOnce(() => kube.create('Secret', owned(manifests.secret, made), { signal }));
      return undefined;
    case 'networkPolicy':
      await createOnce(() => kube.create('NetworkPolicy', owned(manifests.networkPolicy, made), { signal }));
      return undefined;
    case 'service': {
      if (manifests.service === null) return undefined;
      const spec = { ...manifests.service.spec, ...(address === undefined ? {} : { clusterIP: address }) };
      const service = await kube.create('Service', { ...owned(manifests.service, made), spec }, { signal });
      made.address = service.spec?.clusterIP;
      return undefined;
    }
    case 'pod': {
      const pod = await kube.create('Pod', owned(manifests.pod, made), { signal });
      made.podUid = pod.metadata?.uid;
      return undefined;
    }
  }
}

/** Names of these hold the run's number: one that is there is this run's. */
async function createOnce(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof KubeError && error.code === 'AlreadyExists')) throw error;
  }
}

async function createAnchor(manifest: ConfigMap, { deps, made, signal }: Context): Promise<string | undefined> {
  const name = manifest.metadata?.name ?? '';
  const keep = (anchor: ConfigMap): void => {
    made.anchor = { name, uid: anchor.metadata?.uid ?? '' };
  };
  try {
    keep(await deps.kube.create('ConfigMap', manifest, { signal }));
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeError && error.code === 'AlreadyExists')) throw error;
  }
  const there = await deps.kube.get('ConfigMap', name, { signal });
  if (there === undefined || there.metadata?.deletionTimestamp !== undefined) return 'the anchor is being removed';
  const same = JSON.stringify(parseRunIdentity(there.metadata)) === JSON.stringify(parseRunIdentity(manifest.metadata));
  if (!same) {
    throw new KubeError('Unexpected', `the ConfigMap ${name} is there and is not ours: remove it`, {
      reason: 'NameTaken',
    });
  }
  keep(there);
  return undefined;
}

/** The manifest with its owner: what is made after the anchor has gone is collected by the cluster. */
function owned<Manifest extends { metadata?: object }>(manifest: Manifest, { anchor }: Made): Manifest {
  if (anchor === undefined) throw new Error('an object of a run was to be made before its anchor');
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: anchor.name, uid: anchor.uid };
  return { ...manifest, metadata: { ...manifest.metadata, ownerReferences: [owner] } };
}

async function recordCreated(
  action: Extract<Action, { type: 'RecordCreated' }>,
  { snapshot, deps, made }: Context,
): Promise<string | undefined> {
  const { knowledge, start, key } = snapshot;
  const run = knowledge.kind === 'live' ? openRunOf(knowledge.pod) : null;
  const podUid = action.podUid ?? made.podUid;
  if (knowledge.kind !== 'live' || run === null || start?.kind !== 'manifests' || podUid === undefined) {
    throw new Error(`a plan for ${key.tenant}/${key.podId} records objects that were not made`);
  }
  await deps.record(key, randomUUID(), {
    type: 'RecordObjectsCreated',
    incarnation: knowledge.pod.incarnation,
    run: run.number,
    podUid,
    podName: start.manifests.pod.metadata?.name ?? '',
    address: action.address ?? made.address ?? '',
  });
  return undefined;
}
