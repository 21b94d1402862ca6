import type { ContainerStatus } from '@pods/contracts';
import type { PodState, SpawnerCommand } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
// What a pass tells the queue, the user and the log when the cluster does not do what is asked.
import { foldLive, podCreated } from '@pods/domain-pods/testing';
import { emptyFold } from '@pods/event-store';
import type { Folded } from '@pods/event-store';
import { createMemoryLog } from '@pods/event-store/testing';
import { KubeError } from '@pods/kube';
import type { Outcome } from '@pods/service';
import { createLogger } from '@pods/service';
import { describe, expect, it } from 'vitest';
import { somePolicy, someSettings } from '../../testing/builders.ts';
import { createSimulatedCluster } from '../../testing/simulated-cluster.ts';
import { createReconciler } from './reconciler.ts';

const spawning = (failures: number): PodState =>
  foldLive([
    podCreated(),
    { type: 'PodSpawnStarted', incarnation: 1, run: 1, generation: 1, definitionVersion: 1 },
    ...Array.from({ length: failures }, (_, n) => ({
      type: 'PodSpawnFailed' as const,
      incarnation: 1,
      run: 1,
      attempt: n + 1,
      final: false,
      reason: 'Odd',
      message: '',
    })),
  ]);

interface Passed {
  readonly outcome: Outcome;
  readonly recorded: readonly SpawnerCommand[];
  readonly shown: readonly (ContainerStatus | null)[];
}

async function pass(state: PodState, fail: { readonly get?: KubeError; readonly create?: KubeError }): Promise<Passed> {
  const cluster = createSimulatedCluster();
  const recorded: SpawnerCommand[] = [];
  const shown: (ContainerStatus | null)[] = [];
  const folded: Folded<PodState> = { ...emptyFold(podAggregate), state, version: 2 };
  const reconcile = createReconciler({
    observing: {
      replica: { get: () => folded, isCaughtUp: true, failure: undefined },
      log: createMemoryLog(),
      cluster: cluster.view,
      kube: {
        get: async (...given) => {
          if (fail.get !== undefined) throw fail.get;
          return cluster.kube.get(...given);
        },
      },
      installation: 'spec',
      settings: someSettings,
      mayRemoveOrphans: () => true,
      teardownSeenAt: () => 0,
    },
    executing: {
      kube: {
        ...cluster.kube,
        create: async (kind, ...given) => {
          if (fail.create !== undefined && kind === 'Pod') throw fail.create;
          return cluster.kube.create(kind, ...given);
        },
      },
      record: async (_key, _id, command) => {
        recorded.push(command);
      },
      gracePeriodSeconds: 10,
      onAction: () => undefined,
    },
    policy: somePolicy,
    now: () => Date.UTC(2026, 0, 2),
    showProgress: async (_key, status) => {
      shown.push(status);
    },
    onPass: () => undefined,
    log: createLogger({ app: 'spawner', level: 'silent' }),
  });
  return { outcome: await reconcile('dev.docpod', AbortSignal.timeout(10_000)), recorded, shown };
}

const away = new KubeError('Unavailable', 'the API server could not be reached');

describe('a pass', () => {
  it('while the cluster is away counts no attempt, tells the user, and is tried again', async () => {
    for (const fail of [{ get: away }, { create: away }]) {
      const { outcome, recorded, shown } = await pass(spawning(0), fail);
      expect(outcome).toMatchObject({ kind: 'retry', error: away });
      expect(recorded).toEqual([]);
      expect(shown.at(-1)).toMatchObject({ incarnation: 1, run: 1, phase: 'Waiting' });
      expect(shown.at(-1)?.message).toContain('waiting for the cluster');
    }
  });

  it('that the cluster refuses for good ends the start at once with the cause', async () => {
    const invalid = new KubeError('Invalid', 'spec.containers[0].image: Required value', { reason: 'Invalid' });
    const { outcome, recorded } = await pass(spawning(0), { create: invalid });
    expect(outcome).toEqual({ kind: 'done' });
    expect(recorded).toEqual([
      {
        type: 'RecordSpawnFailure',
        incarnation: 1,
        run: 1,
        attempt: 1,
        cause: { reason: 'Invalid', message: 'spec.containers[0].image: Required value' },
        final: true,
      },
    ]);
  });

  it('that fails otherwise counts an attempt, and the last one ends the start', async () => {
    const odd = new KubeError('Unexpected', 'short and stout', { reason: 'Teapot' });
    expect((await pass(spawning(0), { create: odd })).recorded).toMatchObject([
      { type: 'RecordSpawnFailure', final: false },
    ]);
    expect((await pass(spawning(somePolicy.attemptsMax - 1), { create: odd })).recorded).toMatchObject([
      { type: 'RecordSpawnFailure', final: true },
    ]);
  });

  it('that finds a name taken meanwhile is tried again and counts nothing', async () => {
    const exists = new KubeError('AlreadyExists', 'pods "x" already exists');
    const { outcome, recorded } = await pass(spawning(0), { create: exists });
    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(recorded).toEqual([]);
  });
});
