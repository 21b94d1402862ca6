// One row per state seen in a real cluster, and the rules of patience, deletion and time-to-stop.
import type { PodEvent } from '@pods/contracts';
import type { HealthCommand, LivePod } from '@pods/domain-pods';
import { toMillis } from '@pods/domain-pods';
import { aDefinition, eventsOfStart, foldLive, podCreated } from '@pods/domain-pods/testing';
import { describe, expect, test } from 'vitest';
import { observedAs as seenAs, observedRun } from '../../testing/observed-pods.ts';
import { recordedPod, recordedStates } from '../../testing/recorded-pods.ts';
import { observe } from './observe.ts';
import type { ObservedPod } from './observed-pod.ts';
import type { ObservationPolicy, PodPlan } from './plan.ts';
import { planPod } from './plan.ts';
import type { StartTrouble } from './start-trouble.ts';
import { troubleAfter } from './start-trouble.ts';

const policy: ObservationPolicy = {
  pullAttemptsMax: 3,
  pullPatienceMs: 120_000,
  startPatienceMs: 120_000,
  placementPatienceMs: 600_000,
};
const nowMs = toMillis('2026-11-25T02:20:00Z');

/** A pod whose run 1 is being spawned. */
const spawning: readonly PodEvent[] = [
  podCreated(),
  { type: 'PodSpawnStarted', incarnation: 1, run: 1, generation: 1, definitionVersion: 1 },
];

function planOf(
  seen: ObservedPod | null,
  changes: { pod?: LivePod; trouble?: StartTrouble | null; warning?: string; nowMs?: number } = {},
): PodPlan {
  const { pod = foldLive(spawning), nowMs: at = nowMs, warning = null } = changes;
  const trouble = changes.trouble ?? (seen === null ? null : troubleAfter(null, seen, at));
  return planPod({ pod, seen, trouble, warning }, at, policy);
}

/** Command types in order, with the reason and exit code of an end. */
function gist(commands: readonly HealthCommand[]): readonly string[] {
  return commands.map((command) => {
    if (command.type === 'RecordErrored') {
      return `errored ${command.cause.reason} ${command.exitCode} ${command.neverRan ? 'never ran' : 'ran'}`;
    }
    if (command.type === 'RecordCompleted') return `completed ${command.exitCode}`;
    return command.type === 'RecordAvailable' ? 'available' : command.type;
  });
}

describe('what is recorded of a Pod', () => {
  const rows: Readonly<Record<string, readonly string[]>> = {
    pending: [],
    'container-creating': [],
    'volume-missing': [],
    running: ['available'],
    'running-not-ready': ['available'],
    'exit-zero-pending': ['available'],
    'exit-zero': ['available', 'completed 0'],
    'exit-three': ['available', 'errored Error 3 ran'],
    'out-of-memory-running': ['available'],
    'out-of-memory': ['available', 'errored OOMKilled 137 ran'],
    'killed-by-liveness-probe': ['available', 'errored Error 137 ran'],
    'command-missing-pending': [],
    'command-missing': ['errored StartError 128 never ran'],
    'image-name-invalid': ['errored InvalidImageName null never ran'],
    'image-pull-failed': [],
    'image-pull-waits': [],
    'registry-unreachable': [],
    'config-missing': [],
    'root-refused': [],
    unschedulable: [],
    'unschedulable-queue': [],
    evicted: [],
    'deleted-running': [],
    'deleted-failed': [],
    'deleted-last': [],
  };

  test('every recorded state has its row', () => {
    expect(recordedStates.toSorted()).toEqual(Object.keys(rows).toSorted());
  });

  test.each(Object.entries(rows))('%s', (state, expected) => {
    expect(gist(planOf(seenAs(state)).commands)).toEqual(expected);
  });

  test('every fact names incarnation, run and Pod object', () => {
    const seen = seenAs('exit-three');
    for (const command of planOf(seen).commands) {
      expect(command).toMatchObject({ incarnation: 1, run: 1, podUid: seen.uid });
    }
  });

  test('the start is the container’s own', () => {
    expect(planOf(seenAs('running')).commands[0]).toMatchObject({ startedAt: '2026-11-25T02:16:56.000Z' });
  });

  test('a Pod of another installation or without our labels is not seen at all', () => {
    const pod = recordedPod('running', observedRun);
    expect(observe('another', pod)).toBeUndefined();
    expect(observe('spec', { ...pod, metadata: { ...pod.metadata, labels: {} } })).toBeUndefined();
  });
});

describe('facts that the history holds already, or that belong to another run', () => {
  const seen = seenAs('exit-three');
  const start = { type: 'PodSpawnStarted', incarnation: 1, generation: 1, definitionVersion: 1 } as const;
  const available = {
    type: 'PodBecameAvailable',
    incarnation: 1,
    run: 1,
    podUid: seen.uid,
    startedAt: '2026-11-25T02:16:56.000Z',
  } as const;

  test('only the difference is recorded', () => {
    const pod = foldLive([...spawning, available]);
    expect(gist(planOf(seen, { pod }).commands)).toEqual(['errored Error 3 ran']);
    const { incarnation, run, podUid } = available;
    const errored = {
      type: 'PodErrored',
      incarnation,
      run,
      podUid,
      reason: 'Error',
      message: '',
      exitCode: 3,
      finishedAt: null,
      neverRan: false,
    } as const;
    expect(planOf(seen, { pod: foldLive([...spawning, available, errored]) }).commands).toEqual([]);
  });

  test.each([
    ['no run was opened', [podCreated()]],
    ['another run is open', [podCreated(), { ...start, run: 2 }]],
    ['another Pod object was recorded', [...spawning, { ...available, podUid: 'another' }]],
    [
      'the run is being taken down',
      [...spawning, { type: 'PodTeardownStarted', incarnation: 1, run: 1, purpose: 'stop' }],
    ],
    [
      'the run was lost',
      [
        ...spawning,
        {
          type: 'PodLost',
          incarnation: 1,
          run: 1,
          podUid: seen.uid,
          reason: 'x',
          message: '',
          losses: 1,
          final: false,
        },
      ],
    ],
  ] satisfies [string, readonly PodEvent[]][])('nothing is recorded when %s', (_name, events) => {
    expect(planOf(seen, { pod: foldLive(events) }).commands).toEqual([]);
  });
});

describe('causes that a user reads', () => {
  const causeOf = (state: string): string => {
    const end = planOf(seenAs(state), {
      nowMs: nowMs + 3_600_000,
      trouble: troubleAfter(null, seenAs(state), nowMs),
    }).commands.at(-1);
    if (end?.type !== 'RecordErrored' && end?.type !== 'RecordCompleted') throw new Error('no end is recorded');
    return end.cause.message;
  };

  test.each([
    ['exit-zero', 'the program ended with exit code 0'],
    ['exit-three', 'the program ended with exit code 3'],
    ['out-of-memory', 'out of memory: the container needed more than its memory limit of 64Mi and was killed'],
    ['killed-by-liveness-probe', 'the program ended with exit code 137 (signal 9)'],
    ['command-missing', 'the container could not be started: exec: "/nope": stat /nope: no such file or directory'],
    [
      'image-pull-failed',
      'the image \'pods.local/there-is-none:1\' could not be pulled: Head "https://pods.local/v2/there-is-none/manifests/1": dial tcp: lookup pods.local: no such host',
    ],
    [
      'image-pull-waits',
      'the image \'pods.local/there-is-none:1\' could not be pulled: Head "https://pods.local/v2/there-is-none/manifests/1": dial tcp: lookup pods.local: no such host',
    ],
    ['config-missing', 'the container could not be created: secret "nope" not found'],
    [
      'unschedulable-queue',
      "no place was found in queue 'default' within 10 minutes: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector; the pod asks for cpu 20m, memory 64Mi",
    ],
  ])('%s', (state, message) => {
    expect(causeOf(state)).toBe(message);
  });
});

test('what a program wrote last is no part of what is recorded', () => {
  for (const state of ['exit-zero', 'exit-three', 'out-of-memory', 'killed-by-liveness-probe']) {
    const plan = planOf(withLastWords(seenAs(state)));
    expect(plan.commands.at(-1)?.type).toMatch(/^Record(Completed|Errored)$/);
    expect(JSON.stringify(plan.commands)).not.toContain('hunter2');
    expect(plan.status?.message).toBe('last output: connecting to db with password=hunter2');
  }
});

function withLastWords(seen: ObservedPod): ObservedPod {
  const { container } = seen;
  if (container.kind !== 'ended') throw new Error('the container has not ended');
  return { ...seen, container: { ...container, message: 'connecting to db\nwith password=hunter2' } };
}

test('a tag that the registry does not have is said to be not found, with its name once', () => {
  const failed = seenAs('image-pull-failed');
  const message =
    'rpc error: code = NotFound desc = failed to pull and unpack image "pods.local/there-is-none:1": failed to resolve reference "pods.local/there-is-none:1": pods.local/there-is-none:1: not found';
  const seen: ObservedPod = { ...failed, container: { kind: 'waiting', reason: 'ErrImagePull', message } };
  expect(planOf(seen).status?.message).toBe(
    "waits (ErrImagePull, attempt 1 of 3): the image 'pods.local/there-is-none:1' could not be pulled: not found",
  );
});

describe('patience', () => {
  const failing = seenAs('image-pull-failed');
  const waiting: ObservedPod = { ...seenAs('image-pull-waits'), uid: failing.uid };

  test('an image that cannot be pulled is given up at the third failure', () => {
    let trouble: StartTrouble | null = null;
    for (const seen of [failing, failing, waiting, failing, waiting]) {
      trouble = troubleAfter(trouble, seen, nowMs);
      expect(planOf(seen, { trouble }).commands).toEqual([]);
    }
    trouble = troubleAfter(trouble, failing, nowMs);
    expect(gist(planOf(failing, { trouble }).commands)).toEqual(['errored ErrImagePull null never ran']);
  });

  test('or two minutes after the first, and the plan says when to look again', () => {
    const trouble = troubleAfter(null, failing, nowMs);
    const plan = planOf(waiting, { trouble });
    expect(plan).toMatchObject({ commands: [], wakeAtMs: nowMs + 120_000 });
    expect(gist(planOf(waiting, { trouble, nowMs: nowMs + 120_000 }).commands)).toEqual([
      'errored ErrImagePull null never ran',
    ]);
  });

  test('another Pod object begins anew', () => {
    const trouble = troubleAfter(null, failing, nowMs - 3_600_000);
    const other: ObservedPod = { ...failing, uid: 'another' };
    expect(troubleAfter(trouble, other, nowMs)).toMatchObject({ sinceMs: nowMs, failures: 1 });
    expect(planOf(other, { trouble }).commands).toEqual([]);
  });

  test('a container that came to run has no trouble any more', () => {
    const trouble = troubleAfter(null, failing, nowMs);
    expect(troubleAfter(trouble, seenAs('running'), nowMs)).toBeNull();
  });

  test.each(['container-creating', 'volume-missing', 'pending'])(
    '%s is never an error, however long it lasts',
    (state) => {
      const seen: ObservedPod = { ...seenAs(state), unplaced: null };
      const plan = planOf(seen, { nowMs: nowMs + 30 * 86_400_000 });
      expect(plan.commands).toEqual([]);
      expect(plan.wakeAtMs).toBeNull();
    },
  );

  test('PodInitializing is never an error', () => {
    const seen: ObservedPod = {
      ...seenAs('running'),
      container: { kind: 'waiting', reason: 'PodInitializing', message: '' },
    };
    expect(planOf(seen, { nowMs: nowMs + 30 * 86_400_000 }).commands).toEqual([]);
  });

  test.each(['unschedulable', 'unschedulable-queue'])(
    '%s waits ten minutes from when the scheduler said so',
    (state) => {
      const since = toMillis(seenAs(state).unplaced?.since ?? '');
      expect(planOf(seenAs(state), { nowMs: since + 599_999 })).toMatchObject({
        commands: [],
        wakeAtMs: since + 600_000,
      });
      expect(gist(planOf(seenAs(state), { nowMs: since + 600_000 }).commands)).toEqual([
        'errored Unschedulable null never ran',
      ]);
    },
  );

  test('a Pod that no scheduler has looked at is given up as well', () => {
    const seen = seenAs('pending');
    const plan = planOf(seen, { nowMs: toMillis(seen.createdAt) + 600_000 });
    expect(gist(plan.commands)).toEqual(['errored Unscheduled null never ran']);
  });
});

describe('a deleted Pod', () => {
  test('an end from before the deletion is the program’s own', () => {
    const seen: ObservedPod = { ...seenAs('exit-three'), deletion: { askedAt: '2026-11-25T02:18:00.000Z' } };
    expect(gist(planOf(seen).commands)).toEqual(['available', 'errored Error 3 ran']);
  });

  test('an end since then is the deletion’s doing, and left to spawner', () => {
    const seen: ObservedPod = { ...seenAs('exit-zero'), deletion: { askedAt: '2026-11-25T02:16:00.000Z' } };
    expect(planOf(seen).commands).toEqual([]);
  });
});

describe('time-to-stop', () => {
  const startedAt = '2026-11-25T02:00:00.000Z';
  const running = (seconds: number): LivePod =>
    foldLive([
      podCreated({ definition: aDefinition({ time_to_stop_default: seconds }) }),
      ...eventsOfStart().map((event) => (event.type === 'PodBecameAvailable' ? { ...event, startedAt } : event)),
    ]);

  test('before the deadline the plan wakes at it, at the deadline it stops the pod', () => {
    const pod = running(1800);
    const deadlineMs = toMillis(startedAt) + 1_800_000;
    expect(planOf(null, { pod, nowMs: deadlineMs - 1 })).toMatchObject({ commands: [], wakeAtMs: deadlineMs });
    expect(planOf(null, { pod, nowMs: deadlineMs }).commands).toEqual([
      { type: 'StopOnTime', incarnation: 1, run: 1, now: '2026-11-25T02:30:00.000Z' },
    ]);
  });

  test('-1 is never', () => {
    expect(planOf(null, { pod: running(-1) })).toEqual({ commands: [], status: null, wakeAtMs: null });
  });
});

describe('the status of the container', () => {
  test.each([
    ['running', 'Running', 'running', true],
    ['running-not-ready', 'Running', 'running, not ready', false],
    ['container-creating', 'Pending', 'initialising (ContainerCreating)', null],
    ['exit-three', 'Failed', '', null],
    ['exit-zero', 'Succeeded', '', null],
    ['exit-zero-pending', 'Succeeded', '', null],
    ['command-missing-pending', 'Failed', '', null],
    ['evicted', 'Failed', 'ended by the platform, not by its program', null],
    ['deleted-running', 'Running', 'the container is being ended', true],
    [
      'unschedulable',
      'Pending',
      "waits for a place in queue 'default' (Unschedulable): 0/1 nodes are available: 1 Insufficient cpu; the pod asks for cpu 1k",
      null,
    ],
  ])('%s', (state, phase, message, ready) => {
    expect(planOf(seenAs(state)).status).toMatchObject({ incarnation: 1, run: 1, phase, message, ready });
  });

  test('a failed pull names the attempt, the image and the registry’s answer', () => {
    expect(planOf(seenAs('image-pull-failed')).status?.message).toMatch(
      /^waits \(ErrImagePull, attempt 1 of 3\): the image 'pods.local\/there-is-none:1' could not be pulled: Head /,
    );
  });

  test('says what the cluster warns of while a container is being prepared', () => {
    const { status } = planOf(seenAs('volume-missing'), { warning: 'FailedMount: secret "x" not found' });
    expect(status?.message).toBe(
      'initialising (ContainerCreating); the cluster warns of FailedMount: secret "x" not found',
    );
  });

  test('goes with the end that is recorded in the same pass', () => {
    const seen = seenAs('image-pull-failed');
    const trouble = troubleAfter(null, seen, nowMs);
    const { commands, status } = planOf(seen, { trouble, nowMs: nowMs + policy.pullPatienceMs });
    expect(gist(commands)).toEqual(['errored ErrImagePull null never ran']);
    expect(status).toMatchObject({ phase: 'Failed', message: '' });
  });

  test('is silent about an end whose cause the history has', () => {
    const seen = seenAs('image-pull-failed');
    const errored = {
      type: 'PodErrored',
      incarnation: 1,
      run: 1,
      podUid: seen.uid,
      reason: 'ErrImagePull',
      message: '',
      exitCode: null,
      finishedAt: null,
      neverRan: true,
    } as const;
    const { status } = planOf(seen, { pod: foldLive([...spawning, errored]) });
    expect(status).toMatchObject({ phase: 'Failed', message: '' });
  });

  test('its start is spelled as the API spells it', () => {
    expect(planOf(seenAs('running')).status?.startTime).toBe('2026-11-25T02:16:55.000000');
  });
});
