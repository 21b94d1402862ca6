// Passes against a real log and a real API server: what a start leaves behind, however it was disturbed.
import { isLive } from '@pods/domain-pods';
import { aNetworkingEntry } from '@pods/domain-pods/testing';
import { labelKeys, runLabels } from '@pods/kube';
import { eventually } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bench } from './testing/bench.ts';
import { keyOf, openBench, podNameOf } from './testing/bench.ts';
import { someSettings } from './testing/builders.ts';
import { killedAfter } from './testing/killed-after.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(async () => {
  await bench.close();
});

function objectsOfRun(podId: string, run: number): readonly string[] {
  const name = podNameOf(podId);
  return [
    `ConfigMap/${name}-run-${run}`,
    `NetworkPolicy/${name}-run-${run}`,
    `Pod/${name}`,
    `Secret/${name}-run-${run}`,
    `Service/${name}`,
  ];
}

async function untilTypes(podId: string, types: readonly string[]): Promise<void> {
  await eventually(async () => expect(await bench.types(podId)).toEqual(types));
}

const startedTypes = ['PodCreated', 'PodSpawnStarted', 'PodObjectsCreated'];
const stoppedTypes = [...startedTypes, 'PodStopRequested', 'PodTeardownStarted', 'PodStopped'];

describe('a start', () => {
  it('claims the run, makes its objects under one owner, and records Pod and address', async () => {
    await bench.open();
    await bench.create('docpod', { environment_variables: { GREETING: 'hello' } });
    await untilTypes('docpod', startedTypes);
    expect(await bench.objects('docpod')).toEqual(objectsOfRun('docpod', 1));
    const name = podNameOf('docpod');
    const there = <T>(object: T | undefined): T => {
      if (object === undefined) throw new Error('an object is missing');
      return object;
    };
    const pod = there(await bench.kube.get('Pod', name));
    const service = there(await bench.kube.get('Service', name));
    const anchor = there(await bench.kube.get('ConfigMap', `${name}-run-1`));
    const secret = there(await bench.kube.get('Secret', `${name}-run-1`));
    const policy = there(await bench.kube.get('NetworkPolicy', `${name}-run-1`));
    const { podUid, address } = { podUid: pod.metadata?.uid, address: service.spec?.clusterIP };
    expect((await bench.events('docpod')).at(-1)?.body).toEqual({
      incarnation: 1,
      run: 1,
      podUid,
      podName: name,
      address,
    });
    const owner = { kind: 'ConfigMap', name: `${name}-run-1`, uid: anchor.metadata?.uid };
    const labels = { [labelKeys.installation]: bench.installation, [labelKeys.run]: '1' };
    for (const { metadata } of [pod, service, secret, policy]) {
      expect(metadata).toMatchObject({ labels, ownerReferences: [owner] });
    }
    const values = Object.values(secret.data ?? {}).map((value) => Buffer.from(value, 'base64').toString());
    expect(values).toContain('hello');
    expect(JSON.stringify(pod)).not.toContain('hello');
  });

  it('that is stopped after any step leaves nothing', async () => {
    for (const writes of [1, 2, 3, 4, 5, 6]) {
      const podId = `stopped${writes}`;
      const killed = killedAfter(writes);
      const first = await bench.open(killed.changes);
      await bench.create(podId);
      await killed.reached;
      await first.kill();
      await bench.command(podId, 'StopPod');
      const second = await bench.open();
      await eventually(async () => expect(await bench.state(podId)).toMatchObject({ status: 'STOPPED' }));
      expect(await bench.objects(podId)).toEqual([]);
      await second.kill();
    }
  });

  it('by two processes at once makes everything once', async () => {
    await Promise.all([bench.open(), bench.open()]);
    const ids = Array.from({ length: 8 }, (_, n) => `twin${n}`);
    await Promise.all(ids.map((podId) => bench.create(podId)));
    for (const podId of ids) {
      await untilTypes(podId, startedTypes);
      expect(await bench.objects(podId)).toEqual(objectsOfRun(podId, 1));
    }
    await Promise.all(ids.map((podId) => bench.command(podId, 'StopPod')));
    for (const podId of ids) {
      await untilTypes(podId, stoppedTypes);
      expect(await bench.objects(podId)).toEqual([]);
    }
  });

  it('that the API server calls invalid ends in ERROR with its words, and leaves nothing', async () => {
    await bench.open();
    const { resources } = (await import('@pods/domain-pods/testing')).aDefinition();
    await bench.create('docpod', { resources: { ...resources, cpu_request: 5000, cpu_limit: 100 } });
    await eventually(async () =>
      expect(await bench.state('docpod')).toMatchObject({
        status: 'ERROR',
        run: { spawnFailures: 1, failure: { reason: 'Invalid' } },
      }),
    );
    await eventually(async () => expect(await bench.objects('docpod')).toEqual([]));
  });

  it('gives up on a name that somebody else holds, after the bounded number of attempts, and leaves that object alone', async () => {
    const name = podNameOf('docpod');
    await bench.kube.create('Pod', { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    await bench.open();
    await bench.create('docpod');
    await eventually(async () =>
      expect(await bench.state('docpod')).toMatchObject({
        status: 'ERROR',
        run: { spawnFailures: 3, failure: { reason: 'NameTaken' } },
      }),
    );
    expect(await bench.kube.get('Pod', name)).toBeDefined();
  });
});

describe('an end', () => {
  it('waits until the Pod is gone before it says STOPPED, then a start makes the next run', async () => {
    await bench.open();
    await bench.create('docpod');
    await untilTypes('docpod', startedTypes);
    await bench.bind(podNameOf('docpod'));
    await bench.command('docpod', 'StopPod');
    await eventually(async () =>
      expect((await bench.kube.get('Pod', podNameOf('docpod')))?.metadata?.deletionGracePeriodSeconds).toBe(10),
    );
    expect(await bench.state('docpod')).toMatchObject({ status: 'SHUTTING_DOWN' });
    expect(await bench.objects('docpod')).toHaveLength(5);
    await bench.endPod(podNameOf('docpod'));
    await untilTypes('docpod', stoppedTypes);
    expect(await bench.objects('docpod')).toEqual([]);
    await bench.command('docpod', 'StartPod');
    await eventually(async () =>
      expect(await bench.state('docpod')).toMatchObject({
        status: 'SPAWNING',
        run: { number: 2, objects: { podName: podNameOf('docpod') } },
      }),
    );
    expect(await bench.objects('docpod')).toEqual(objectsOfRun('docpod', 2));
  });

  it('waits for the logs of a container that ran, and goes on when they are kept', async () => {
    await bench.open({
      config: {
        policy: {
          attemptsMax: 3,
          retry: { minMs: 50, maxMs: 50 },
          lossesMax: 3,
          lossRetry: { minMs: 50, maxMs: 50 },
          logsWaitMs: 60_000,
          recheckMs: 60_000,
        },
      },
    });
    await bench.create('docpod');
    await untilTypes('docpod', startedTypes);
    const state = await bench.state('docpod');
    const podUid = isLive(state) ? (state.run?.podUid ?? '') : '';
    await bench.observe('docpod', {
      type: 'RecordAvailable',
      incarnation: 1,
      run: 1,
      podUid,
      startedAt: new Date().toISOString(),
    });
    await bench.command('docpod', 'RestartPod');
    await eventually(async () => expect(await bench.types('docpod')).toContain('PodTeardownStarted'));
    expect(await bench.kube.get('Pod', podNameOf('docpod'))).toBeDefined();
    await bench.observe('docpod', { type: 'RecordLogsArchived', incarnation: 1, run: 1, object: 'log', sizeBytes: 1 });
    await eventually(async () => expect(await bench.objects('docpod')).toEqual(objectsOfRun('docpod', 2)));
    expect((await bench.types('docpod')).filter((type) => type === 'PodStopped')).toHaveLength(1);
  });

  it('of a pod that is created anew at once: the new one waits for the old objects to go, says so, and then starts', async () => {
    await bench.open();
    await bench.create('docpod');
    await untilTypes('docpod', startedTypes);
    await bench.bind(podNameOf('docpod'));
    await bench.command('docpod', 'DeletePod');
    await bench.create('docpod', { image: 'pods.local/webpage:2' });
    await eventually(async () =>
      expect(await bench.progress('docpod')).toMatchObject({ incarnation: 2, run: 0, phase: 'Waiting' }),
    );
    expect((await bench.progress('docpod'))?.message).toContain('an earlier run');
    expect(await bench.state('docpod')).toMatchObject({ status: 'REQUESTED', incarnation: 2 });
    await bench.endPod(podNameOf('docpod'));
    await untilTypes('docpod', [...startedTypes, 'PodDeleted', ...startedTypes]);
    const pod = await bench.kube.get('Pod', podNameOf('docpod'));
    expect(pod?.spec?.containers[0]?.image).toBe('pods.local/webpage:2');
    expect(pod?.metadata?.labels).toMatchObject(
      runLabels({ installation: bench.installation, site: 'local', ...keyOf('docpod'), incarnation: 2, run: 2 }),
    );
    await eventually(async () => expect(await bench.progress('docpod')).toBeUndefined());
  });

  it('of a Pod that nobody asked for is a loss: it is recorded and a new run starts', async () => {
    await bench.open();
    await bench.create('docpod');
    await untilTypes('docpod', startedTypes);
    const lost = await bench.kube.get('Pod', podNameOf('docpod'));
    await bench.kube.delete('Pod', podNameOf('docpod'), { uid: lost?.metadata?.uid ?? '', gracePeriodSeconds: 0 });
    await untilTypes('docpod', [...startedTypes, 'PodLost', 'PodSpawnStarted', 'PodObjectsCreated']);
    expect((await bench.events('docpod'))[3]?.body).toMatchObject({
      podUid: lost?.metadata?.uid,
      reason: 'PodVanished',
      losses: 1,
      final: false,
    });
    expect(await bench.objects('docpod')).toEqual(objectsOfRun('docpod', 2));
  });

  it('of a Pod by its node is a loss with that cause, and not again and again', async () => {
    await bench.open();
    await bench.create('docpod');
    for (let run = 1; run <= 3; run += 1) {
      await eventually(async () =>
        expect(await bench.state('docpod')).toMatchObject({
          run: { number: run, objects: { podName: podNameOf('docpod') } },
        }),
      );
      const body = { status: { phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' } };
      await bench.kube.subresource({
        kind: 'Pod',
        name: podNameOf('docpod'),
        subresource: 'status',
        method: 'PATCH',
        body,
      });
    }
    await eventually(async () =>
      expect(await bench.state('docpod')).toMatchObject({
        status: 'ERROR',
        losses: 3,
        run: { loss: { reason: 'Evicted', final: true } },
      }),
    );
    await eventually(async () => expect(await bench.objects('docpod')).toEqual([]));
  });
});

describe('objects without a history', () => {
  async function putOrphans(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      const labels = runLabels({
        installation: bench.installation,
        site: 'local',
        ...keyOf(`orphan${n}`),
        incarnation: 1,
        run: 1,
      });
      await bench.kube.create('ConfigMap', { metadata: { name: `${podNameOf(`orphan${n}`)}-run-1`, labels } });
    }
  }

  async function anchors(): Promise<number> {
    return (await bench.kube.list('ConfigMap', { labelSelector: `${labelKeys.installation}=${bench.installation}` }))
      .length;
  }

  it('are removed within the limits that somebody has set', async () => {
    const first = await bench.open();
    for (const podId of ['one', 'two', 'three']) {
      await bench.create(podId);
      await untilTypes(podId, startedTypes);
    }
    await first.kill();
    await putOrphans(3);
    await bench.open({ config: { orphans: { podsMax: 3, shareMax: 0.5 } } });
    await eventually(async () => expect(await anchors()).toBe(3));
  });

  it('of another installation are nobody to us', async () => {
    const labels = runLabels({ installation: 'other', site: 'local', ...keyOf('docpod'), incarnation: 1, run: 1 });
    await bench.kube.create('ConfigMap', { metadata: { name: 'theirs', labels } });
    const spawner = await bench.open();
    await spawner.idle();
    expect(await bench.kube.get('ConfigMap', 'theirs')).toBeDefined();
  });

  it('of deleted pods are removed however many they are: each deletion is in the log', async () => {
    const first = await bench.open();
    const ids = Array.from({ length: 12 }, (_, n) => `gone${n}`);
    await Promise.all(ids.map((podId) => bench.create(podId)));
    for (const podId of ids) await untilTypes(podId, startedTypes);
    await first.kill();
    await Promise.all(ids.map((podId) => bench.command(podId, 'DeletePod')));
    expect(await anchors()).toBe(12);
    await bench.open();
    await eventually(async () =>
      expect((await Promise.all(ids.map((podId) => bench.objects(podId)))).flat()).toEqual([]),
    );
  });
});

describe('a pod that runs', () => {
  it('gets its policy changed when the settings change, all of it, and its Pod left alone', async () => {
    const first = await bench.open();
    await bench.create('docpod');
    await untilTypes('docpod', startedTypes);
    const before = await bench.kube.get('Pod', podNameOf('docpod'));
    await first.kill();
    await bench.open({
      config: { manifests: { ...someSettings, edgeCidrs: ['10.1.0.0/16'], deniedCidrs: ['10.2.0.0/16'] } },
    });
    await eventually(async () => {
      const policy = JSON.stringify((await bench.kube.get('NetworkPolicy', `${podNameOf('docpod')}-run-1`))?.spec);
      expect(policy).toContain('10.1.0.0/16');
      expect(policy).toContain('10.2.0.0/16');
      for (const former of [...someSettings.edgeCidrs, ...someSettings.deniedCidrs])
        expect(policy).not.toContain(former);
    });
    expect(await bench.kube.get('Pod', podNameOf('docpod'))).toEqual(before);
    expect(await bench.types('docpod')).toEqual(startedTypes);
  });

  it('gets back a Service that somebody removed, at the address that is recorded', async () => {
    await bench.open();
    await bench.create('docpod');
    await untilTypes('docpod', startedTypes);
    const service = await bench.kube.get('Service', podNameOf('docpod'));
    await bench.kube.delete('Service', podNameOf('docpod'), { uid: service?.metadata?.uid ?? '' });
    await eventually(async () => expect(await bench.objects('docpod')).toEqual(objectsOfRun('docpod', 1)));
    const again = await bench.kube.get('Service', podNameOf('docpod'));
    expect(again?.metadata?.uid).not.toBe(service?.metadata?.uid);
    expect(again?.spec?.clusterIP).toBe(service?.spec?.clusterIP);
    expect(await bench.types('docpod')).toEqual(startedTypes);
  });

  it('keeps the definition of its run when it is changed meanwhile, and the next run has the new one', async () => {
    await bench.open();
    await bench.create('docpod');
    await untilTypes('docpod', startedTypes);
    await bench.update('docpod', { networking: { default: { ...aNetworkingEntry, port: 7000 } } });
    const policy = await bench.kube.get('NetworkPolicy', `${podNameOf('docpod')}-run-1`);
    await bench.kube.delete('NetworkPolicy', `${podNameOf('docpod')}-run-1`, { uid: policy?.metadata?.uid ?? '' });
    const portsOf = async (run: number): Promise<string> =>
      JSON.stringify((await bench.kube.get('NetworkPolicy', `${podNameOf('docpod')}-run-${run}`))?.spec?.ingress);
    await eventually(async () => expect(await portsOf(1)).toContain('5000'));
    await bench.command('docpod', 'RestartPod');
    await eventually(async () => expect(await portsOf(2)).toContain('7000'));
  });
});

describe('the full pass', () => {
  it('counts no repair while all is well', async () => {
    const spawner = await bench.open({ config: { fullPassEveryMs: 100 } });
    await bench.create('docpod');
    await untilTypes('docpod', startedTypes);
    const passes = async (): Promise<number> => {
      const text = await spawner.metrics.registry.getSingleMetricAsString('pods_queue_passes_total');
      return Number(/outcome="done".* (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await passes();
    await eventually(async () => (await passes()) >= before + 5);
    expect(await spawner.metrics.registry.getSingleMetricAsString('pods_spawner_repairs_total')).toMatch(/ 0$/m);
  });
});
