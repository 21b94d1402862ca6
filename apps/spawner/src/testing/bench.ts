// Spawners on a real NATS server and a real API server, with users, health and a kubelet played by the spec. Nothing in
// that cluster runs Pods or collects garbage.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kvm } from '@nats-io/kv';
import type { ContainerStatus, PodDefinition, PodKey, Topology } from '@pods/contracts';
import { containerStatusSchema, topology } from '@pods/contracts';
import type { HealthCommand, PodCommand, PodState, UserCommand } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import { aDefinition } from '@pods/domain-pods/testing';
import type { EventLog, RecordedEvent, Replica } from '@pods/event-store';
import { createPodWriter, createReplica, decideAs, loadFromLog, openNatsLog, podHistories } from '@pods/event-store';
import type { KubeClient, KubeConnection } from '@pods/kube';
import { connect, createKubeClient, labelKeys } from '@pods/kube';
import { createAppKubeconfig, provisionKubernetes, provisionNats, specSizes } from '@pods/provision';
import type { Metrics } from '@pods/service';
import { closeNats, connectNats, createLogger, createMetrics, systemClock } from '@pods/service';
import { freshNamespace, freshPrefix } from '@pods/testing';
import { inject } from 'vitest';
import type { Spawner, SpawnerDeps } from '../app.ts';
import { startSpawner } from '../app.ts';
import { createClusterCache } from '../cluster-cache.ts';
import { createProgressBoard } from '../progress-board.ts';
import type { OwnedKind } from '../reconcile/pod/kinds.ts';
import { ownedKinds } from '../reconcile/pod/kinds.ts';
import { createRecordFact } from '../record-fact.ts';
import { somePolicy, someSettings } from './builders.ts';
import { putBackLog } from './put-back-log.ts';

const ada = { user: 'ada', isServiceAdmin: false };
const silent = createLogger({ app: 'spawner', level: 'silent' });

export interface OpenedSpawner extends Spawner {
  readonly metrics: Metrics;
  readonly replica: Replica<PodState>;
  /** Lets nothing of it act or be told any more, as if its process had been killed. */
  readonly kill: () => Promise<void>;
}

export interface SpawnerChanges {
  readonly config?: Partial<SpawnerDeps['config']>;
  /** Stands between the passes and the world. */
  readonly around?: (deps: Pick<SpawnerDeps, 'kube' | 'record'>) => Pick<SpawnerDeps, 'kube' | 'record'>;
}

export interface Bench {
  readonly kube: KubeClient;
  readonly log: EventLog;
  readonly names: Topology;
  readonly namespace: string;
  readonly installation: string;
  /** Of spawner's own account. */
  readonly kubeconfigFile: string;
  readonly open: (changes?: SpawnerChanges) => Promise<OpenedSpawner>;
  readonly create: (podId: string, changes?: Partial<PodDefinition>) => Promise<void>;
  readonly update: (podId: string, changes: Partial<PodDefinition>) => Promise<void>;
  readonly command: (podId: string, type: 'DeletePod' | 'StopPod' | 'StartPod' | 'RestartPod') => Promise<void>;
  readonly observe: (podId: string, command: HealthCommand) => Promise<void>;
  readonly state: (podId: string) => Promise<PodState>;
  readonly events: (podId: string) => Promise<readonly RecordedEvent[]>;
  readonly types: (podId: string) => Promise<readonly string[]>;
  /** Objects of one pod as `kind/name`. */
  readonly objects: (podId: string) => Promise<readonly string[]>;
  /** Every object of this installation: kind, name, UID, and whether somebody has asked for its removal. */
  readonly everything: () => Promise<readonly string[]>;
  /** The log loses all that came after this sequence. */
  readonly putBack: (lastSeq: number) => Promise<void>;
  readonly progress: (podId: string) => Promise<ContainerStatus | undefined>;
  /** Puts a Pod on a node, so that its removal takes until `endPod`. */
  readonly bind: (podName: string) => Promise<void>;
  /** Ends a Pod that is being removed, as a kubelet does. */
  readonly endPod: (podName: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export function keyOf(podId: string): PodKey {
  return { tenant: 'dev', podId };
}

export function podNameOf(podId: string): string {
  return `pods-local-dev-${podId}`;
}

/** A namespace, streams and subjects of its own. */
export async function openBench(): Promise<Bench> {
  const namespace = await freshNamespace();
  const folder = await mkdtemp(join(tmpdir(), 'spawner-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  const cluster = { kubeconfigFile: inject('kubeconfigFile'), namespace };
  await provisionKubernetes(cluster);
  await writeFile(kubeconfigFile, await createAppKubeconfig({ ...cluster, app: 'spawner' }), { mode: 0o600 });
  const names = topology(freshPrefix());
  const ending = new AbortController();
  const nc = await connectNats({ app: 'spec', url: inject('natsUrl'), log: silent, signal: ending.signal });
  await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
  const log = await openNatsLog({ nc, names: podHistories(names) });
  const kube = createKubeClient(connect(inject('kubeconfigFile')), { namespace, fieldManager: 'spec' });
  // Spawners work with the rights that they have in earnest.
  const place = { names, connection: connect(kubeconfigFile), namespace, installation: namespace };
  const opened: OpenedSpawner[] = [];
  return {
    kube,
    log,
    names,
    namespace,
    installation: namespace,
    kubeconfigFile,
    ...spokenTo(log),
    open: async (changes = {}) => {
      const spawner = await openSpawner(place, changes);
      opened.push(spawner);
      return spawner;
    },
    objects: (podId) => objectsOf(kube, podId),
    everything: () => everythingOf(kube, namespace),
    putBack: (lastSeq) => putBackLog(nc, names, lastSeq),
    progress: async (podId) => {
      const entry = await (await new Kvm(nc).open(names.buckets.podContainer)).get(`dev.${podId}.progress`);
      return entry?.operation === 'PUT' ? containerStatusSchema.parse(entry.json()) : undefined;
    },
    bind: async (name) => {
      const body = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name },
        target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
      };
      await kube.subresource({ kind: 'Pod', name, subresource: 'binding', method: 'POST', body });
    },
    endPod: async (name) => {
      const pod = await kube.get('Pod', name);
      if (pod?.metadata?.deletionTimestamp === undefined) throw new Error(`${name} is not being removed`);
      await kube.delete('Pod', name, { uid: pod.metadata.uid ?? '', gracePeriodSeconds: 0 });
    },
    close: async () => {
      await Promise.all(opened.map((spawner) => spawner.kill()));
      ending.abort();
      await closeNats(nc);
      await rm(folder, { recursive: true });
    },
  };
}

type Spoken = Pick<Bench, 'create' | 'update' | 'command' | 'observe' | 'state' | 'events' | 'types'>;

/** Users and health, by the commands that they send. */
function spokenTo(log: EventLog): Spoken {
  const write = async (app: 'api' | 'health', podId: string, command: PodCommand): Promise<void> => {
    const decide = decideAs(app, podAggregate.decide);
    const context = { commandId: randomUUID(), commandHash: '', actor: app };
    const result = await createPodWriter({ app, log, aggregate: podAggregate, decide })(keyOf(podId), context, command);
    if (result.kind !== 'appended') throw new Error(`${command.type} was not appended: ${JSON.stringify(result)}`);
  };
  const events = (podId: string): Promise<readonly RecordedEvent[]> => log.read(['dev', podId]);
  return {
    create: (podId, changes = {}) => {
      const command: UserCommand = {
        type: 'CreatePod',
        caller: ada,
        ...keyOf(podId),
        site: 'local',
        definition: aDefinition(changes),
        modifiedFields: [],
        statusRequested: 'ON',
      };
      return write('api', podId, command);
    },
    update: (podId, changes) =>
      write('api', podId, { type: 'UpdatePod', caller: ada, needs: 'USER', changes, sentFields: Object.keys(changes) }),
    command: (podId, type) => write('api', podId, { type, caller: ada, needs: 'ADMIN' }),
    observe: (podId, command) => write('health', podId, command),
    state: async (podId) =>
      (await loadFromLog({ log, aggregate: podAggregate }, ['dev', podId], { fresh: true })).state,
    events,
    types: async (podId) => (await events(podId)).map((event) => event.type),
  };
}

async function objectsOf(kube: KubeClient, podId: string): Promise<readonly string[]> {
  const list = async (kind: OwnedKind): Promise<readonly string[]> => {
    const found = await kube.list(kind, { labelSelector: `${labelKeys.pod}=${podId}` });
    return found.map((object) => `${kind}/${object.metadata?.name ?? ''}`);
  };
  return (await Promise.all(ownedKinds.map(list))).flat().toSorted();
}

async function everythingOf(kube: KubeClient, installation: string): Promise<readonly string[]> {
  const list = async (kind: OwnedKind): Promise<readonly string[]> => {
    const found = await kube.list(kind, {
      labelSelector: `${labelKeys.installation}=${installation},${labelKeys.pod}`,
    });
    return found.map(
      ({ metadata }) => `${kind} ${metadata?.name} ${metadata?.uid} ${String(metadata?.deletionTimestamp)}`,
    );
  };
  return (await Promise.all(ownedKinds.map(list))).flat().toSorted();
}

interface Place {
  readonly names: Topology;
  readonly connection: KubeConnection;
  readonly namespace: string;
  readonly installation: string;
}

/** A spawner with its own connection, replica and caches, as a process of its own would have. */
async function openSpawner(
  place: Place,
  { config = {}, around = (deps) => deps }: SpawnerChanges,
): Promise<OpenedSpawner> {
  const { names, connection, namespace, installation } = place;
  const ending = new AbortController();
  const nc = await connectNats({ app: 'spec', url: inject('natsUrl'), log: silent, signal: ending.signal });
  const log = await openNatsLog({ nc, names: podHistories(names) });
  const replica = createReplica({ nc, names: podHistories(names), aggregate: podAggregate, log });
  const cluster = createClusterCache({ connection, namespace, installation, site: 'local', onError: () => undefined });
  await Promise.all([replica.caughtUp, cluster.whenCaughtUp()]);
  const metrics = createMetrics('spawner');
  const spawner = startSpawner({
    config: {
      installation,
      manifests: someSettings,
      policy: {
        ...somePolicy,
        retry: { minMs: 50, maxMs: 100 },
        lossRetry: { minMs: 50, maxMs: 100 },
        logsWaitMs: 200,
        recheckMs: 500,
      },
      orphans: { podsMax: 0, shareMax: 0.5 },
      fullPassEveryMs: 3_600_000,
      passesAtOnce: 8,
      ...config,
    },
    replica,
    log,
    cluster,
    showProgress: createProgressBoard({ nc, bucket: names.buckets.podContainer, onError: () => undefined }),
    clock: systemClock,
    metrics,
    logger: silent,
    ...around({
      kube: createKubeClient(connection, { namespace, fieldManager: 'pods-spawner' }),
      record: createRecordFact({ log, replica, logger: silent }),
    }),
  });
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    await spawner.stop(0);
    await Promise.all([cluster.stop(), replica.close()]);
    ending.abort();
    await closeNats(nc);
  };
  return {
    ...spawner,
    metrics,
    replica,
    kill: () => {
      ended ??= end();
      return ended;
    },
  };
}
