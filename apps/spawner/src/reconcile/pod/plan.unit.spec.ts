// The table of the plan: what is known → what is done.
import type { PodEvent } from '@pods/contracts';
import { eventsOfStart, metaAt, podCreated } from '@pods/domain-pods/testing';
import { describe, expect, it } from 'vitest';
import {
  allObjects,
  anObject,
  aSnapshot,
  firstRun,
  materials,
  somePolicy,
  someSettings,
} from '../../testing/builders.ts';
import type { Action, Plan } from './actions.ts';
import { plan } from './plan.ts';
import type { Snapshot } from './snapshot.ts';

const of = { incarnation: 1, run: 1 };
const created = podCreated();
const [opened, objectsCreated, available] = eventsOfStart();
const started: readonly PodEvent[] = [created, ...eventsOfStart()];
const spawning: readonly PodEvent[] = [
  created,
  { type: 'PodSpawnStarted', ...of, generation: 1, definitionVersion: 1 },
];
const stopWanted: readonly PodEvent[] = [...started, { type: 'PodStopRequested' }];
const tearingDown: readonly PodEvent[] = [...stopWanted, { type: 'PodTeardownStarted', ...of, purpose: 'stop' }];
const stopped: readonly PodEvent[] = [...tearingDown, { type: 'PodStopped', ...of }];
const spawnFailed = (attempt: number, final = false): PodEvent => ({
  type: 'PodSpawnFailed',
  ...of,
  attempt,
  final,
  reason: 'Unexpected',
  message: 'odd',
});
const lost = (losses: number, final = false, reason = 'PodVanished'): PodEvent => ({
  type: 'PodLost',
  ...of,
  podUid: 'uid-1',
  reason,
  message: 'gone',
  losses,
  final,
});
const errored = (neverRan: boolean): PodEvent => ({
  type: 'PodErrored',
  ...of,
  podUid: 'uid-1',
  reason: 'Error',
  message: '',
  exitCode: 1,
  finishedAt: null,
  neverRan,
});

/** The instant of the n-th event of a history, milliseconds. */
function timeOf(version: number): number {
  return Date.parse(metaAt(version).at);
}

const longAfter = timeOf(0) + 3_600_000;

function planOf(snapshot: Snapshot, now = longAfter): Plan {
  return plan(snapshot, now, somePolicy);
}

function text(action: Action): string {
  switch (action.type) {
    case 'Record':
      return action.command.type;
    case 'RecordCreated':
      return `RecordCreated ${action.podUid ?? 'made'} ${action.address ?? 'made'}`;
    case 'Create':
    case 'Apply':
      return `${action.type} ${action.part}`;
    case 'Delete':
      return `Delete ${action.kind} ${action.uid}`;
  }
}

function actionsOf(snapshot: Snapshot, now = longAfter): readonly string[] {
  return planOf(snapshot, now).actions.map(text);
}

const everythingOfRun1 = [
  'Delete Service uid-Service-1',
  'Delete NetworkPolicy uid-NetworkPolicy-1',
  'Delete Secret uid-Secret-1',
  'Delete ConfigMap uid-ConfigMap-1',
];

describe('a pod that is wanted', () => {
  it('has its run claimed before anything is made', () => {
    expect(planOf(aSnapshot([created])).actions).toEqual([
      { type: 'Record', command: { type: 'OpenRun', incarnation: 1, generation: 1 } },
    ]);
  });

  it('gets its objects with the owner first and the Pod last, then they are recorded', () => {
    expect(actionsOf(aSnapshot(spawning, { start: materials() }))).toEqual([
      'Create anchor',
      'Create secret',
      'Create networkPolicy',
      'Create service',
      'Create pod',
      'RecordCreated made made',
    ]);
  });

  it('gets only what is missing of a start that was cut off, and takes over what is there', () => {
    const objects = [anObject('ConfigMap'), anObject('Secret'), anObject('Pod')];
    expect(actionsOf(aSnapshot(spawning, { start: materials(), objects }))).toEqual([
      'Create networkPolicy',
      'Create service',
      'RecordCreated uid-1 made',
    ]);
    expect(actionsOf(aSnapshot(spawning, { start: materials(), objects: allObjects() }))).toEqual([
      'RecordCreated uid-1 198.19.0.7',
    ]);
  });

  it('gets no second Pod when health has seen the first and it is gone', () => {
    const seenEarly: readonly PodEvent[] = [...spawning, ...(available === undefined ? [] : [available])];
    const objects = allObjects().filter((object) => object.kind !== 'Pod');
    expect(actionsOf(aSnapshot(seenEarly, { start: materials(), objects }))).toEqual([
      'RecordCreated uid-1 198.19.0.7',
    ]);
  });

  it('waits for its Pod to go when somebody removes it during the start', () => {
    const snapshot = aSnapshot(spawning, {
      start: materials(),
      objects: [anObject('ConfigMap'), anObject('Pod', { deleting: true })],
    });
    expect(planOf(snapshot)).toMatchObject({ actions: [], lookAgain: { afterMs: somePolicy.recheckMs } });
    expect(planOf(snapshot).progress).toContain('waiting for the cluster');
  });

  it('is left alone while everything is there', () => {
    expect(planOf(aSnapshot(started, { start: materials(), objects: allObjects() }))).toEqual({
      actions: [],
      progress: null,
      lookAgain: null,
      alarm: null,
    });
  });

  it('gets back what somebody removed beside a Pod that is well', () => {
    const objects = allObjects().filter((object) => object.kind !== 'Service' && object.kind !== 'NetworkPolicy');
    expect(actionsOf(aSnapshot(started, { start: materials(), objects }))).toEqual([
      'Create networkPolicy',
      'Create service',
    ]);
    expect(planOf(aSnapshot(started, { start: materials(), objects })).actions[1]).toMatchObject({
      address: '198.19.0.7',
    });
  });

  it('gets its policy changed when the settings have changed, under the UID that was seen', () => {
    const start = materials(firstRun, { ...someSettings, edgeCidrs: ['10.0.0.0/8'] });
    expect(planOf(aSnapshot(started, { start, objects: allObjects() })).actions).toEqual([
      { type: 'Apply', part: 'networkPolicy', uid: 'uid-NetworkPolicy-1' },
    ]);
  });
});

describe('a start that fails', () => {
  it('is given up at once when the definition allows no Pod', () => {
    const cause = { reason: 'InvalidEnvironment', message: 'x' };
    expect(planOf(aSnapshot(spawning, { start: { kind: 'impossible', cause } })).actions).toEqual([
      { type: 'Record', command: { type: 'RecordSpawnFailure', ...of, attempt: 1, cause, final: true } },
    ]);
  });

  it('is tried again after a delay that doubles, and the user is told when', () => {
    const once = aSnapshot([...spawning, spawnFailed(1)], { start: materials() });
    expect(planOf(once, timeOf(3) + 1999)).toMatchObject({ actions: [], lookAgain: { afterMs: 1 } });
    expect(planOf(once, timeOf(3) + 1999).progress).toContain('attempt 2 of 3');
    expect(actionsOf(once, timeOf(3) + 2000)).toContain('Create pod');
    const twice = aSnapshot([...spawning, spawnFailed(1), spawnFailed(2)], { start: materials() });
    expect(actionsOf(twice, timeOf(4) + 3999)).toEqual([]);
    expect(actionsOf(twice, timeOf(4) + 4000)).toContain('Create pod');
  });

  it('counts names that others have, and is given up after the last attempt', () => {
    const taken = ['Pod pods-local-dev-docpod'];
    const first = planOf(aSnapshot(spawning, { start: materials(), taken })).actions[0];
    expect(first).toMatchObject({
      command: { type: 'RecordSpawnFailure', final: false, cause: { reason: 'NameTaken' } },
    });
    expect(JSON.stringify(first)).toContain('pods-local-dev-docpod');
    const last = aSnapshot([...spawning, spawnFailed(1), spawnFailed(2)], { start: materials(), taken });
    expect(planOf(last).actions[0]).toMatchObject({ command: { type: 'RecordSpawnFailure', final: true } });
  });

  it('leaves nothing behind once it is given up', () => {
    const givenUp = [...spawning, spawnFailed(1, true)];
    expect(actionsOf(aSnapshot(givenUp, { objects: allObjects() }))).toEqual(['Delete Pod uid-1']);
    expect(actionsOf(aSnapshot(givenUp, { objects: allObjects().slice(1) }))).toEqual(everythingOfRun1);
    expect(planOf(aSnapshot(givenUp))).toMatchObject({ actions: [], lookAgain: null });
  });
});

describe('a run that ended by itself', () => {
  it('loses its Pod when it never ran, and nothing else', () => {
    expect(actionsOf(aSnapshot([...started.slice(0, 3), errored(true)], { objects: allObjects() }))).toEqual([
      'Delete Pod uid-1',
    ]);
    expect(actionsOf(aSnapshot([...started.slice(0, 3), errored(true)], { objects: allObjects().slice(1) }))).toEqual(
      [],
    );
  });

  it('keeps its Pod for the logs when it ran, and is not started again', () => {
    expect(planOf(aSnapshot([...started, errored(false)], { objects: allObjects() }))).toMatchObject({
      actions: [],
      lookAgain: null,
    });
    expect(actionsOf(aSnapshot([...started, errored(false)]))).toEqual([]);
  });
});

describe('a Pod that is lost', () => {
  it('is recorded when it is gone, by the UID that was recorded', () => {
    const objects = allObjects().filter((object) => object.kind !== 'Pod');
    expect(planOf(aSnapshot(started, { start: materials(), objects })).actions).toMatchObject([
      {
        type: 'Record',
        command: {
          type: 'RecordLoss',
          ...of,
          podUid: 'uid-1',
          cause: { reason: 'PodVanished' },
          lossesMax: somePolicy.lossesMax,
          at: new Date(longAfter).toISOString(),
        },
      },
    ]);
  });

  it('is recorded when another Pod has taken its place', () => {
    const objects = [...allObjects().slice(1), anObject('Pod', { uid: 'other' })];
    expect(planOf(aSnapshot(started, { start: materials(), objects })).actions[0]).toMatchObject({
      command: { type: 'RecordLoss', podUid: 'uid-1' },
    });
  });

  it('is recorded with its cause when the platform ended it', () => {
    const platformEnd = { reason: 'Evicted', message: 'disk', byRestart: false };
    const objects = [...allObjects().slice(1), anObject('Pod', { container: { ran: true, platformEnd } })];
    expect(planOf(aSnapshot(started, { start: materials(), objects })).actions[0]).toMatchObject({
      command: {
        type: 'RecordLoss',
        cause: { reason: 'Evicted', message: 'disk' },
        lossesMax: somePolicy.lossesMax,
      },
    });
  });

  it('with a restart of its machine is never given up, and started again at once', () => {
    const platformEnd = { reason: 'ContainerStatusUnknown', message: 'the machine restarted', byRestart: true };
    const objects = [...allObjects().slice(1), anObject('Pod', { container: { ran: true, platformEnd } })];
    const history = [...started, { ...lost(7, false, 'MachineRestarted'), blamelessLosses: 1 }];
    expect(planOf(aSnapshot(started, { start: materials(), objects })).actions[0]).toMatchObject({
      command: {
        type: 'RecordLoss',
        cause: { reason: 'MachineRestarted', message: 'the machine restarted (ContainerStatusUnknown)' },
        lossesMax: null,
      },
    });
    expect(actionsOf(aSnapshot(history), timeOf(5))).toEqual(['OpenRun']);
  });

  it('with one restart of its machine after another is started again after the delays of other losses', () => {
    const restarted = (times: number) => [
      ...started,
      { ...lost(0, false, 'MachineRestarted'), blamelessLosses: times },
    ];
    const delays = [1, 2, 3].map((times) => planOf(aSnapshot(restarted(times)), timeOf(5)).lookAgain?.afterMs ?? 0);
    expect(delays).toEqual([0, 5000, 10_000]);
    expect(planOf(aSnapshot(restarted(2)), timeOf(5)).progress).toContain('restart 2 of its machine in a row');
    expect(actionsOf(aSnapshot(restarted(99)), timeOf(5) + somePolicy.lossRetry.maxMs)).toEqual(['OpenRun']);
  });

  it('is not recorded before it is gone: while it is being removed the pass waits', () => {
    const objects = [...allObjects().slice(1), anObject('Pod', { deleting: true })];
    expect(planOf(aSnapshot(started, { start: materials(), objects }))).toMatchObject({
      actions: [],
      lookAgain: { afterMs: somePolicy.recheckMs },
    });
  });

  it('is not recorded for a run whose objects were never recorded', () => {
    expect(actionsOf(aSnapshot(spawning, { start: materials() }))).not.toContain('RecordLoss');
  });

  it('leads to the removal of what is left, a delay that doubles, and a new run', () => {
    const once = [...started, lost(1)];
    expect(actionsOf(aSnapshot(once, { objects: allObjects().slice(1) }))).toEqual(everythingOfRun1);
    expect(planOf(aSnapshot(once), timeOf(5) + 4999)).toMatchObject({ actions: [], lookAgain: { afterMs: 1 } });
    expect(planOf(aSnapshot(once), timeOf(5) + 1).progress).toContain('loss 1 of at most 3');
    expect(actionsOf(aSnapshot(once), timeOf(5) + 5000)).toEqual(['OpenRun']);
    expect(actionsOf(aSnapshot([...started, lost(2)]), timeOf(5) + 9999)).toEqual([]);
    expect(actionsOf(aSnapshot([...started, lost(2)]), timeOf(5) + 10_000)).toEqual(['OpenRun']);
  });

  it('is started at once when somebody asks for it', () => {
    expect(actionsOf(aSnapshot([...started, lost(2), { type: 'PodRestartRequested' }]), timeOf(6))).toEqual([
      'OpenRun',
    ]);
  });

  it('is given up after the last loss', () => {
    expect(planOf(aSnapshot([...started, lost(3, true)]))).toMatchObject({ actions: [], lookAgain: null });
  });
});

describe('a run that has to make way', () => {
  it('has its teardown announced before anything is removed', () => {
    expect(actionsOf(aSnapshot(stopWanted, { objects: allObjects() }))).toEqual(['BeginTeardown']);
    expect(actionsOf(aSnapshot([...started, { type: 'PodRestartRequested' }], { objects: allObjects() }))).toEqual([
      'BeginTeardown',
    ]);
    expect(actionsOf(aSnapshot([...spawning, { type: 'PodStopRequested' }]))).toEqual(['BeginTeardown']);
  });

  it('waits for its logs, but not beyond the limit', () => {
    const snapshot = aSnapshot(tearingDown, { objects: allObjects(), teardownSeenAt: 1000 });
    expect(planOf(snapshot, 1000)).toMatchObject({ actions: [], lookAgain: { afterMs: somePolicy.logsWaitMs } });
    expect(planOf(snapshot, 10_999)).toMatchObject({ actions: [], lookAgain: { afterMs: 1 } });
    expect(actionsOf(snapshot, 11_000)).toEqual(['Delete Pod uid-1']);
  });

  it('does not wait for logs that are kept, that nobody wrote, or that can no longer be read', () => {
    const kept: PodEvent = { type: 'PodLogsArchived', ...of, object: 'x', sizeBytes: 3 };
    expect(actionsOf(aSnapshot([...tearingDown, kept], { objects: allObjects(), teardownSeenAt: 0 }), 0)).toEqual([
      'Delete Pod uid-1',
    ]);
    const neverStarted: readonly PodEvent[] = [
      ...spawning,
      { type: 'PodStopRequested' },
      { type: 'PodTeardownStarted', ...of, purpose: 'stop' },
    ];
    const fresh = anObject('Pod', { container: { ran: false, platformEnd: null } });
    expect(actionsOf(aSnapshot(neverStarted, { objects: [fresh], teardownSeenAt: 0 }), 0)).toEqual([
      'Delete Pod uid-1',
    ]);
    expect(actionsOf(aSnapshot(tearingDown, { objects: allObjects().slice(1), teardownSeenAt: 0 }), 0)).toEqual([
      ...everythingOfRun1,
      'RecordStopped',
    ]);
  });

  it('waits for logs of a container that ran although nobody recorded that', () => {
    const neverSeen: readonly PodEvent[] = [
      ...spawning,
      { type: 'PodStopRequested' },
      { type: 'PodTeardownStarted', ...of, purpose: 'stop' },
    ];
    expect(actionsOf(aSnapshot(neverSeen, { objects: [anObject('Pod')], teardownSeenAt: 0 }), 0)).toEqual([]);
  });

  it('is stopped once its Pod is gone, with everything else removed, the anchor last', () => {
    const deleting = [anObject('Pod', { deleting: true }), ...allObjects().slice(1)];
    const waiting = planOf(aSnapshot(tearingDown, { objects: deleting, teardownSeenAt: 0 }));
    expect(waiting).toMatchObject({ actions: [], lookAgain: { afterMs: somePolicy.recheckMs } });
    expect(waiting.progress).toContain('waiting for the cluster');
    expect(actionsOf(aSnapshot(tearingDown, { objects: allObjects().slice(1), teardownSeenAt: 0 }))).toEqual([
      ...everythingOfRun1,
      'RecordStopped',
    ]);
    expect(actionsOf(aSnapshot(tearingDown, { teardownSeenAt: 0 }))).toEqual(['RecordStopped']);
  });

  it('is followed by nothing after a stop, and by the next run after a restart', () => {
    expect(planOf(aSnapshot(stopped))).toMatchObject({ actions: [], lookAgain: null });
    const restarted: readonly PodEvent[] = [
      ...started,
      { type: 'PodRestartRequested' },
      { type: 'PodTeardownStarted', ...of, purpose: 'restart' },
      { type: 'PodStopped', ...of },
    ];
    expect(actionsOf(aSnapshot(restarted))).toEqual(['OpenRun']);
  });
});

describe('objects of other runs', () => {
  const second: readonly PodEvent[] = [
    ...stopped,
    { type: 'PodStartRequested' },
    { type: 'PodSpawnStarted', incarnation: 1, run: 2, generation: 8, definitionVersion: 1 },
  ];

  it('go before the next run is opened, and the user is told', () => {
    const snapshot = aSnapshot([...stopped, { type: 'PodStartRequested' }], { objects: allObjects() });
    expect(actionsOf(snapshot)).toEqual(['Delete Pod uid-1']);
    expect(planOf(snapshot).progress).toContain('an earlier run');
  });

  it('go before anything of an open run is made: late creations of a process that was stalled', () => {
    const start = materials({ ...firstRun, run: 2 });
    expect(actionsOf(aSnapshot(second, { start, objects: [anObject('Pod')] }))).toEqual(['Delete Pod uid-1']);
    expect(planOf(aSnapshot(second, { start, objects: [anObject('Pod', { deleting: true })] }))).toMatchObject({
      actions: [],
      lookAgain: {},
    });
    expect(actionsOf(aSnapshot(second, { start, objects: [anObject('Service')] }))).toEqual([
      'Delete Service uid-Service-1',
    ]);
  });

  it('go although the pod is stopped', () => {
    expect(actionsOf(aSnapshot(stopped, { objects: [anObject('ConfigMap')] }))).toEqual([
      'Delete ConfigMap uid-ConfigMap-1',
    ]);
  });

  it('of an earlier incarnation go before the pod that was created anew is started', () => {
    const again: readonly PodEvent[] = [
      ...stopped,
      { type: 'PodDeleted', incarnation: 1, lastRun: 1 },
      podCreated({ incarnation: 2 }),
    ];
    const snapshot = aSnapshot(again, { objects: [anObject('Pod', { deleting: true }), anObject('Service')] });
    expect(planOf(snapshot)).toMatchObject({ actions: [], lookAgain: {} });
    expect(planOf(snapshot).progress).toContain('waiting for the cluster');
    expect(actionsOf(aSnapshot(again))).toEqual(['OpenRun']);
  });
});

describe('objects that the log does not account for', () => {
  const deleted = { kind: 'deleted', incarnation: 1, lastRun: 1 } as const;

  it('of a deleted pod go: the deletion in the log is proof, whatever the limits', () => {
    for (const orphanRemoval of ['allowed', 'refused'] as const) {
      const snapshot = aSnapshot([created], { knowledge: deleted, objects: allObjects(), orphanRemoval });
      expect(actionsOf(snapshot)).toEqual(['Delete Pod uid-1']);
      expect(actionsOf({ ...snapshot, objects: allObjects().slice(1) })).toEqual(everythingOfRun1);
    }
  });

  it('of an unknown pod go within the limits, and stay with an alarm beyond them', () => {
    const snapshot = aSnapshot([created], { knowledge: { kind: 'unknown' }, objects: allObjects() });
    expect(actionsOf(snapshot)).toEqual(['Delete Pod uid-1']);
    const refused = planOf({ ...snapshot, orphanRemoval: 'refused' });
    expect(refused).toMatchObject({ actions: [], lookAgain: null, alarm: 'orphans-refused' });
    expect(refused.progress).toContain('its history does not know');
  });

  it('of a later incarnation or run than the log knows are without proof', () => {
    const later = [anObject('Pod', { incarnation: 2, run: 2 })];
    expect(planOf(aSnapshot([created], { knowledge: deleted, objects: later, orphanRemoval: 'refused' })).alarm).toBe(
      'orphans-refused',
    );
    expect(
      planOf(aSnapshot(started, { objects: [...allObjects(), ...later], orphanRemoval: 'refused' })),
    ).toMatchObject({ actions: [], alarm: 'orphans-refused' });
  });

  it('are no reason for anything when there are none', () => {
    expect(planOf(aSnapshot([created], { knowledge: { kind: 'unknown' }, orphanRemoval: 'refused' })).alarm).toBeNull();
  });
});

describe('a history that cannot be judged', () => {
  it('leaves everything as it is', () => {
    expect(planOf(aSnapshot([created], { knowledge: { kind: 'newer' }, objects: allObjects() })).actions).toEqual([]);
    expect(planOf(aSnapshot([created], { knowledge: { kind: 'behind' }, objects: allObjects() }))).toMatchObject({
      actions: [],
      lookAgain: {},
    });
  });
});

it('the history of an undisturbed start is what the table takes it for', () => {
  expect([opened?.type, objectsCreated?.type, available?.type]).toEqual([
    'PodSpawnStarted',
    'PodObjectsCreated',
    'PodBecameAvailable',
  ]);
});
