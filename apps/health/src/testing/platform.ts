// The parts around this app, as far as its specs need them: api and spawner write histories, a kubelet shows states.
import { randomUUID } from 'node:crypto';
import type { PodEventEmitter, PodKey } from '@pods/contracts';
import type { LivePod, PodCommand, PodState } from '@pods/domain-pods';
import { isLive, podAggregate } from '@pods/domain-pods';
import { aDefinition } from '@pods/domain-pods/testing';
import type { EventLog, PodWriter, RecordedEvent } from '@pods/event-store';
import { createPodWriter, decideAs, loadFromLog, openNatsLog, podHistories } from '@pods/event-store';
import type { KubeClient, RunIdentity } from '@pods/kube';
import { connect, createKubeClient, objectName, runAnnotations, runLabels } from '@pods/kube';
import type { RunningApp } from '@pods/service';
import { createLogger } from '@pods/service';
import { eventually, freshNamespace } from '@pods/testing';
import { inject, onTestFinished } from 'vitest';
import type { Config } from '../config.ts';
import { readConfig } from '../config.ts';
import { start } from '../start.ts';
import type { SpecNats } from './nats.ts';
import { specNats } from './nats.ts';
import { recordedPod } from './recorded-pods.ts';

export interface SpecPlatform extends SpecNats {
  readonly kube: KubeClient;
  readonly installation: string;
  /** Starts one process of this app; stopped when the test ends, if not before. */
  readonly startHealth: (
    settings?: Readonly<Record<string, string>>,
  ) => Promise<RunningApp & { readonly opsPort: number }>;
  readonly config: (settings?: Readonly<Record<string, string>>) => Readonly<Config>;
  /** api creates a pod. */
  readonly create: (podId: string, timeToStop?: number) => Promise<void>;
  /** spawner opens a run and creates its Pod. */
  readonly spawn: (podId: string) => Promise<void>;
  readonly stop: (podId: string) => Promise<void>;
  readonly teardown: (podId: string) => Promise<void>;
  readonly delete: (podId: string) => Promise<void>;
  /** The kubelet shows a recorded state. */
  readonly show: (podId: string, state: string) => Promise<void>;
  readonly removePod: (podId: string) => Promise<void>;
  readonly podOf: (podId: string) => Promise<{ readonly name: string; readonly uid: string }>;
  readonly history: (podId: string) => Promise<readonly RecordedEvent[]>;
  /** Waits until the history holds these types and no others, in this order. */
  readonly untilHistory: (podId: string, types: readonly string[]) => Promise<readonly RecordedEvent[]>;
}

const tenant = 'dev';
const site = 'local';
const caller = { user: 'ada', isServiceAdmin: false };

/** Everything that a spec of the whole app needs, on the shared servers. */
export async function specPlatform(): Promise<SpecPlatform> {
  const nats = await specNats();
  const namespace = await freshNamespace();
  const kubeconfigFile = inject('kubeconfigFile');
  const kube = createKubeClient(connect(kubeconfigFile), { namespace, fieldManager: 'spec' });
  const log = await openNatsLog({ nc: nats.nc, names: podHistories(nats.names) });
  const config = (settings: Readonly<Record<string, string>> = {}): Readonly<Config> =>
    readConfig({
      PODS_SITE: site,
      PODS_PREFIX: nats.names.prefix,
      PODS_INSTALLATION_ID: namespace,
      LOG_LEVEL: 'silent',
      OPS_PORT: '0',
      NATS_URL: inject('natsUrl'),
      KUBECONFIG_FILE: kubeconfigFile,
      KUBE_NAMESPACE: namespace,
      LOG_ARCHIVE_HURRY: '500ms',
      ...settings,
    });
  const world = { log, kube, installation: namespace };
  return {
    ...nats,
    kube,
    installation: namespace,
    config,
    startHealth: (settings) => startHealth(config(settings)),
    ...people(log),
    ...spawner(world),
    ...kubelet(world),
    history: (podId) => log.read([tenant, podId]),
    untilHistory: (podId, types) =>
      eventually(async () => {
        const events = await log.read([tenant, podId]);
        const found = events.map(({ type }) => type);
        if (found.join() !== types.join()) throw new Error(`the history holds ${found.join()}`);
        return events;
      }),
  };
}

async function startHealth(config: Readonly<Config>): Promise<RunningApp & { readonly opsPort: number }> {
  const ending = new AbortController();
  const log = createLogger({ app: 'health', level: config.LOG_LEVEL });
  const app = await start(config, { signal: ending.signal, log });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    ending.abort();
    stopped ??= app.stop();
    await stopped;
  };
  onTestFinished(stop);
  return { ...app, stop };
}

type Writer = PodWriter<PodState, PodCommand, unknown>;

function writerOf(app: PodEventEmitter, log: EventLog): (key: PodKey, command: PodCommand) => Promise<void> {
  const write: Writer = createPodWriter({
    app,
    log,
    aggregate: podAggregate,
    decide: decideAs(app, podAggregate.decide),
  });
  return async (key, command) => {
    const context = { commandId: randomUUID(), commandHash: '', actor: 'ada' };
    const result = await write(key, context, command);
    if (result.kind !== 'appended') throw new Error(`${command.type}: ${JSON.stringify(result)}`);
  };
}

async function foldOf(log: EventLog, podId: string): Promise<LivePod> {
  const { state } = await loadFromLog({ log, aggregate: podAggregate }, [tenant, podId]);
  if (!isLive(state)) throw new Error(`${podId} does not exist`);
  return state;
}

function people(log: EventLog): Pick<SpecPlatform, 'create' | 'stop' | 'delete'> {
  const write = writerOf('api', log);
  return {
    create: (podId, timeToStop = -1) =>
      write(
        { tenant, podId },
        {
          type: 'CreatePod',
          caller,
          tenant,
          podId,
          site,
          definition: aDefinition({ time_to_stop_default: timeToStop }),
          modifiedFields: [],
          statusRequested: 'ON',
        },
      ),
    stop: (podId) => write({ tenant, podId }, { type: 'StopPod', caller, needs: 'USER' }),
    delete: (podId) => write({ tenant, podId }, { type: 'DeletePod', caller, needs: 'ADMIN' }),
  };
}

interface World {
  readonly log: EventLog;
  readonly kube: KubeClient;
  readonly installation: string;
}

async function identityOf({ log, installation }: World, podId: string): Promise<RunIdentity> {
  const { incarnation, run } = await foldOf(log, podId);
  if (run === null) throw new Error(`${podId} has no run`);
  return { installation, site, tenant, podId, incarnation, run: run.number };
}

function spawner(world: World): Pick<SpecPlatform, 'spawn' | 'teardown'> {
  const write = writerOf('spawner', world.log);
  return {
    spawn: async (podId) => {
      const { incarnation, generation } = await foldOf(world.log, podId);
      await write({ tenant, podId }, { type: 'OpenRun', incarnation, generation });
      const identity = await identityOf(world, podId);
      const name = objectName(identity);
      const { spec } = recordedPod('pending', identity);
      const created = await world.kube.create('Pod', {
        metadata: { name, labels: runLabels(identity), annotations: runAnnotations(identity) },
        spec: { restartPolicy: 'Never', containers: spec?.containers ?? [] },
      });
      const podUid = created.metadata?.uid ?? '';
      const objects = { podUid, podName: name, address: '198.19.0.7' };
      const { run } = identity;
      await write({ tenant, podId }, { type: 'RecordObjectsCreated', incarnation, run, ...objects });
    },
    teardown: async (podId) => {
      const { incarnation, run } = await identityOf(world, podId);
      await write({ tenant, podId }, { type: 'BeginTeardown', incarnation, run });
    },
  };
}

function kubelet(world: World): Pick<SpecPlatform, 'show' | 'removePod' | 'podOf'> {
  const { kube } = world;
  return {
    show: async (podId, state) => {
      const identity = await identityOf(world, podId);
      const name = objectName(identity);
      const { spec, status } = recordedPod(state, identity);
      const pod = await kube.get('Pod', name);
      if (spec?.nodeName !== undefined && pod?.spec?.nodeName === undefined) {
        const target = { apiVersion: 'v1', kind: 'Node', name: spec.nodeName };
        const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target };
        await kube.subresource({ kind: 'Pod', name, subresource: 'binding', method: 'POST', body });
      }
      await kube.subresource({ kind: 'Pod', name, subresource: 'status', method: 'PATCH', body: { status } });
    },
    podOf: async (podId) => {
      const name = objectName(await identityOf(world, podId));
      const uid = (await kube.get('Pod', name))?.metadata?.uid;
      if (uid === undefined) throw new Error(`${podId} has no Pod`);
      return { name, uid };
    },
    removePod: async (podId) => {
      const name = objectName(await identityOf(world, podId));
      const uid = (await kube.get('Pod', name))?.metadata?.uid;
      if (uid !== undefined) await kube.delete('Pod', name, { uid, gracePeriodSeconds: 0 });
    },
  };
}
