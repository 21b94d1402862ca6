// The whole pass over the in-memory log, with a clock that stands still until it is told to move. Cluster, statuses and
// output are the ports' simplest twins: what counts here is what gets recorded when.
import type { PodEvent } from '@pods/contracts';
import type { ContainerStatus } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import { aDefinition, eventsOfStart, podCreated } from '@pods/domain-pods/testing';
import type { Replica } from '@pods/event-store';
import { genesisHash } from '@pods/event-store';
import { createMemoryLog, createMemoryReplica } from '@pods/event-store/testing';
import type { RunIdentity } from '@pods/kube';
import { createLogger } from '@pods/service';
import { manualClock } from '@pods/service/testing';
import { eventually } from '@pods/testing';
import { describe, expect, test } from 'vitest';
import { recordedPod } from '../testing/recorded-pods.ts';
import { createPodLoop } from './pod-loop.ts';
import { observe } from './pod/observe.ts';
import type { ObservedPod } from './pod/observed-pod.ts';
import { createReconciler } from './pod/reconciler.ts';
import { createRecorder } from './pod/record.ts';
import { createStartWarnings } from './pod/start-warnings.ts';
import { createTroubleMemory } from './pod/trouble-memory.ts';

const key = ['dev', 'docpod'];
const name = 'dev.docpod';
const startMs = Date.parse('2026-11-25T02:17:00Z');
const policy = { pullAttemptsMax: 3, pullPatienceMs: 120_000, startPatienceMs: 120_000, placementPatienceMs: 600_000 };
const silent = createLogger({ app: 'health', level: 'silent' });

function seenAs(state: string): ObservedPod {
  const identity: RunIdentity = {
    installation: 's',
    site: 'local',
    tenant: 'dev',
    podId: 'docpod',
    incarnation: 1,
    run: 1,
  };
  const found = observe('s', recordedPod(state, identity));
  if (found === undefined) throw new Error(`${state} is no Pod of ours`);
  return { ...found.pod, uid: 'uid-1' };
}

async function world(events: readonly PodEvent[]) {
  const log = createMemoryLog();
  const append = async (event: PodEvent): Promise<void> => {
    const last = await log.last(key);
    const { type, ...body } = event;
    const version = (last?.version ?? 0) + 1;
    const id = `event-${version}`;
    await log.append(key, version, {
      eventId: id,
      type,
      causeId: id,
      causeHash: '',
      actor: 'spec',
      schema: 1,
      previousHash: last?.hash ?? genesisHash,
      body,
    });
  };
  for (const event of events) await append(event);
  const replica: Replica<PodState> = createMemoryReplica(log, podAggregate);
  await replica.caughtUp;
  const clock = manualClock(startMs);
  let seen: ObservedPod | null = null;
  let repairs = 0;
  const statuses = new Map<string, ContainerStatus>();
  const troubles = createTroubleMemory({
    now: clock.now,
    readPast: async () => await Promise.resolve({ pull: null, start: null }),
    onError: () => undefined,
  });
  const reconciler = createReconciler({
    replica,
    cluster: { get: () => seen },
    troubles,
    warnings: createStartWarnings({
      read: async () => await Promise.resolve('FailedMount: no such secret'),
      onError: () => undefined,
      now: clock.now,
      afterMs: 5000,
    }),
    statuses: {
      get: (of) => statuses.get(of),
      put: async (of, status) => Boolean(statuses.set(of, status)),
      remove: async (of) => void statuses.delete(of),
    },
    logs: { tend: async () => undefined, isDue: () => false, forget: () => undefined },
    record: createRecorder({ log, replica, onRecorded: () => undefined, logger: silent }),
    clock,
    policy,
  });
  const loop = createPodLoop({
    run: reconciler.run,
    isDue: reconciler.isDue,
    keys: () => [name],
    clock,
    concurrency: 4,
    checkEveryMs: 300_000,
    onRepairs: (count) => {
      repairs += count;
    },
    hooks: { depth: () => undefined, pass: () => undefined },
    log: silent,
  });
  replica.subscribe(loop.wake);
  loop.wakeAll();
  const recorded = (): readonly string[] => log.all().map(({ type }) => type);
  return {
    append,
    clock,
    recorded,
    statuses,
    repairs: () => repairs,
    /** A change that the watch tells of. */
    observe: (state: string) => {
      seen = seenAs(state);
      troubles.note(name, seen);
      loop.wake(name);
    },
    /** A change that the watch loses. */
    observeSilently: (state: string) => {
      seen = seenAs(state);
    },
    idle: loop.idle,
    untilRecorded: async (type: string, times = 1) =>
      eventually(() => {
        expect(recorded().filter((one) => one === type)).toHaveLength(times);
      }),
    stop: loop.stop,
  };
}

const spawning: readonly PodEvent[] = [podCreated(), ...eventsOfStart().slice(0, 2)];
const startedAt = new Date(startMs).toISOString();
const running = (seconds: number): readonly PodEvent[] => [
  podCreated({ definition: aDefinition({ time_to_stop_default: seconds }) }),
  ...eventsOfStart().map((event) => (event.type === 'PodBecameAvailable' ? { ...event, startedAt } : event)),
];
const update = (seconds: number): PodEvent => ({
  type: 'PodUpdated',
  changes: { time_to_stop_default: seconds },
  modifiedFields: ['time_to_stop_default'],
});

describe('time-to-stop', () => {
  test('stops the pod at its deadline and not a millisecond before', async () => {
    const it = await world(running(3600));
    await eventually(() => it.clock.pending() === 2);
    it.clock.advance(3_599_999);
    expect(it.recorded()).not.toContain('PodTimeToStopReached');
    it.clock.advance(1);
    await it.untilRecorded('PodTimeToStopReached');
    await it.stop();
  });

  test('a deadline beyond what a timer can hold is kept all the same', async () => {
    const days = 40;
    const it = await world(running(days * 86_400));
    await eventually(() => it.clock.pending() === 2);
    it.clock.advance(days * 86_400_000 - 1);
    expect(it.recorded()).not.toContain('PodTimeToStopReached');
    it.clock.advance(1);
    await it.untilRecorded('PodTimeToStopReached');
    await it.stop();
  });

  test('an update moves the deadline, -1 clears it', async () => {
    const it = await world(running(3600));
    await eventually(() => it.clock.pending() === 2);
    await it.append(update(-1));
    await eventually(() => it.clock.pending() === 1);
    it.clock.advance(7_200_000);
    expect(it.recorded()).not.toContain('PodTimeToStopReached');
    await it.append(update(7201));
    await eventually(() => it.clock.pending() === 2);
    it.clock.advance(1000);
    await it.untilRecorded('PodTimeToStopReached');
    await it.stop();
  });
});

describe('patience', () => {
  test('a container that is prepared for long shows what the cluster warns of, without any further event', async () => {
    const it = await world(spawning);
    it.observe('volume-missing');
    await eventually(() => it.clock.pending() === 2);
    it.clock.advance(5000);
    await eventually(() => JSON.stringify([...it.statuses.values()]).includes('FailedMount: no such secret'));
    await it.stop();
  });

  test('a pull that goes on failing is given up after two minutes without any further event', async () => {
    const it = await world(spawning);
    it.observe('image-pull-failed');
    await eventually(() => it.clock.pending() === 2);
    it.clock.advance(119_999);
    expect(it.recorded()).not.toContain('PodErrored');
    it.clock.advance(1);
    await it.untilRecorded('PodErrored');
    await it.stop();
  });

  test('three failed pulls are enough, however quickly they come', async () => {
    const it = await world(spawning);
    for (const state of ['failed', 'waits', 'failed', 'waits', 'failed']) it.observe(`image-pull-${state}`);
    await it.untilRecorded('PodErrored');
    expect(it.clock.now()).toBe(startMs);
    await it.stop();
  });

  test('a container that comes to run after failed pulls is available', async () => {
    const it = await world(spawning);
    it.observe('image-pull-failed');
    await eventually(() => it.clock.pending() === 2);
    it.observe('running');
    await it.untilRecorded('PodBecameAvailable');
    it.clock.advance(600_000);
    expect(it.recorded()).not.toContain('PodErrored');
    await it.stop();
  });

  test('an unschedulable Pod is given up ten minutes after the scheduler said so', async () => {
    const it = await world(spawning);
    it.observe('unschedulable');
    await eventually(() => it.clock.pending() === 2);
    it.clock.advance(Date.parse('2026-11-25T02:26:55Z') - startMs - 1);
    expect(it.recorded()).not.toContain('PodErrored');
    it.clock.advance(1);
    await it.untilRecorded('PodErrored');
    await it.stop();
  });
});

describe('the full check', () => {
  test('finds what a lost wake-up left undone, and counts it', async () => {
    const it = await world(spawning);
    await it.idle();
    it.observeSilently('running');
    it.clock.advance(300_000);
    expect(it.repairs()).toBe(0);
    it.clock.advance(5000);
    expect(it.repairs()).toBe(1);
    await it.untilRecorded('PodBecameAvailable');
    await it.stop();
  });

  test('counts nothing where everything was seen', async () => {
    const it = await world(running(36_000));
    it.observe('running');
    await eventually(() => {
      expect(it.statuses.get(name)?.message).toBe('running');
    });
    for (let checks = 0; checks < 5; checks += 1) it.clock.advance(300_000);
    expect(it.repairs()).toBe(0);
    await it.stop();
  });
});

test('a fact is recorded once, however often its cause is seen', async () => {
  const it = await world(spawning);
  it.observe('exit-three');
  await it.untilRecorded('PodErrored');
  for (let times = 0; times < 5; times += 1) it.observe('exit-three');
  await it.idle();
  expect(it.recorded().slice(-2)).toEqual(['PodBecameAvailable', 'PodErrored']);
  await it.stop();
});
