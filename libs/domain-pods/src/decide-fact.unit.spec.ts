// Decisions on reports of spawner and health: the race rules of the architecture, one by one.
import type { PodEvent, PodEventOf } from '@pods/contracts';
import { describe, expect, test } from 'vitest';
import { statusRequestedOf } from './state.ts';
import { event, eventsOfStart, foldLive, given, podCreated } from './testing/index.ts';

const nothing = { kind: 'nothing' };
const of = { incarnation: 1, run: 1 };
const restart: PodEvent = { type: 'PodRestartRequested' };
const stop: PodEvent = { type: 'PodStopRequested' };
const teardown: PodEvent = { type: 'PodTeardownStarted', ...of, purpose: 'stop' };
const stopped: PodEvent = { type: 'PodStopped', ...of };
const cause = { reason: 'Error', message: 'exit code 3' };
const running = [podCreated(), ...eventsOfStart()];

describe('opening a run', () => {
  test('pins the wish and the definition, and is the claim', () => {
    expect(given(podCreated()).when({ type: 'OpenRun', incarnation: 1, generation: 1 })).toEqual(
      event({ type: 'PodSpawnStarted', ...of, generation: 1, definitionVersion: 1 }),
    );
  });
  test('is refused to the second who claims', () => {
    const open = { type: 'OpenRun', incarnation: 1, generation: 1 } as const;
    expect(given(podCreated(), ...eventsOfStart().slice(0, 1)).when(open)).toMatchObject(nothing);
  });
  test('dies when a stop came first', () => {
    expect(given(podCreated(), stop).when({ type: 'OpenRun', incarnation: 1, generation: 1 })).toMatchObject(nothing);
  });
  test('two restarts before a run opens are one run', () => {
    const history = [...running, restart, restart, teardown, stopped];
    expect(given(...history).when({ type: 'OpenRun', incarnation: 1, generation: 5 })).toMatchObject(nothing);
    expect(given(...history).when({ type: 'OpenRun', incarnation: 1, generation: 6 })).toMatchObject({ kind: 'event' });
  });
  test('numbers runs over incarnations', () => {
    const history: PodEvent[] = [
      podCreated(),
      { type: 'PodDeleted', incarnation: 1, lastRun: 4 },
      podCreated({ incarnation: 2 }),
    ];
    expect(given(...history).when({ type: 'OpenRun', incarnation: 2, generation: 3 })).toMatchObject({
      event: { run: 5, incarnation: 2 },
    });
  });
});

describe('a fact of another run', () => {
  test.each([
    ['incarnation', { incarnation: 2, run: 1, podUid: 'uid-1' }],
    ['run', { incarnation: 1, run: 2, podUid: 'uid-1' }],
    ['Pod object', { incarnation: 1, run: 1, podUid: 'uid-9' }],
  ])('is dropped: another %s', (_, other) => {
    const end = { type: 'RecordErrored', ...other, cause, exitCode: 3, finishedAt: null, neverRan: false } as const;
    expect(given(...running).when(end)).toMatchObject(nothing);
  });
});

describe('observations', () => {
  const available = { type: 'RecordAvailable', ...of, podUid: 'uid-1', startedAt: '2026-01-01T00:00:05.000Z' } as const;
  test('availability is recorded once, and may come before the objects are', () => {
    expect(given(podCreated(), ...eventsOfStart().slice(0, 1)).when(available)).toMatchObject({ kind: 'event' });
    expect(given(...running).when(available)).toMatchObject(nothing);
  });
  test('nothing is seen of a run that is being taken down', () => {
    expect(given(podCreated(), ...eventsOfStart().slice(0, 2), stop, teardown).when(available)).toMatchObject(nothing);
  });
  test('the first end counts', () => {
    const complete = { type: 'RecordCompleted', ...of, podUid: 'uid-1', cause, exitCode: 0, finishedAt: null } as const;
    const errored = { ...complete, type: 'RecordErrored', exitCode: 3, neverRan: false } as const;
    expect(given(...running).when(complete)).toMatchObject({ event: { type: 'PodCompleted' } });
    const failed: PodEvent = {
      type: 'PodErrored',
      ...of,
      podUid: 'uid-1',
      ...cause,
      exitCode: 3,
      finishedAt: null,
      neverRan: false,
    };
    expect(given(...running, failed).when(complete)).toMatchObject(nothing);
    expect(given(...running, failed).when(errored)).toMatchObject(nothing);
  });
  test('logs of the current run are archived once, even after it stopped', () => {
    const archive = { type: 'RecordLogsArchived', ...of, object: 'logs', sizeBytes: 10 } as const;
    expect(given(...running, stop, teardown, stopped).when(archive)).toMatchObject({ kind: 'event' });
    const archived: PodEvent = { type: 'PodLogsArchived', ...of, object: 'logs', sizeBytes: 10 };
    expect(given(...running, archived).when(archive)).toMatchObject(nothing);
    const unkept = { ...archive, object: null, sizeBytes: 0, notKept: 'no room' };
    expect(given(...running).when(unkept)).toMatchObject({ event: { object: null, notKept: 'no room' } });
    expect(given(...running, archived).when(unkept)).toMatchObject(nothing);
  });
});

describe('taking down', () => {
  const begin = { type: 'BeginTeardown', ...of } as const;
  test('is not begun while the run is wanted', () => {
    expect(given(...running).when(begin)).toMatchObject(nothing);
  });
  test('is begun after a stop, and after a restart, with its purpose', () => {
    expect(given(...running, stop).when(begin)).toMatchObject({ event: { purpose: 'stop' } });
    expect(given(...running, restart).when(begin)).toMatchObject({ event: { purpose: 'restart' } });
  });
  test('ends once, and only after it was begun', () => {
    const record = { type: 'RecordStopped', ...of } as const;
    expect(given(...running, stop).when(record)).toMatchObject(nothing);
    expect(given(...running, stop, teardown).when(record)).toEqual(event({ type: 'PodStopped', ...of }));
    expect(given(...running, stop, teardown, stopped).when(record)).toMatchObject(nothing);
  });
  test('shows RESTART until the old run is gone', () => {
    expect(statusRequestedOf(foldLive([...running, restart]))).toBe('RESTART');
    expect(statusRequestedOf(foldLive([...running, restart, teardown, stopped]))).toBe('ON');
  });
});

describe('a run that is over', () => {
  const ended: PodEvent = {
    type: 'PodErrored',
    ...of,
    podUid: 'uid-1',
    ...cause,
    exitCode: 3,
    finishedAt: null,
    neverRan: false,
  };
  const start: PodEvent = { type: 'PodStartRequested' };
  test.each([
    ['a start', start, 'REQUESTED', 'ON'],
    ['a restart', restart, 'RESTARTING', 'RESTART'],
  ] as const)('after %s shows what was asked for, not how it ended', (_, asked, status, statusRequested) => {
    const pod = foldLive([...running, ended, asked]);
    expect(pod.status).toBe(status);
    expect(statusRequestedOf(pod)).toBe(statusRequested);
    expect(given(...running, ended, asked).when({ type: 'OpenRun', incarnation: 1, generation: 6 })).toMatchObject(
      nothing,
    );
    const purpose = { purpose: 'restart' };
    expect(given(...running, ended, asked).when({ type: 'BeginTeardown', ...of })).toMatchObject({ event: purpose });
    expect(foldLive([...running, ended, asked, { ...teardown, purpose: 'restart' }]).status).toBe(status);
  });
  test('keeps its end until somebody asks for something', () => {
    expect(foldLive([...running, ended]).status).toBe('ERROR');
    expect(foldLive([...running, ended, stop]).status).toBe('ERROR');
  });
});

describe('what a run was opened with', () => {
  test('stays with it when the definition changes', () => {
    const update: PodEvent = { type: 'PodUpdated', changes: { image: 'pods.local/other:1' }, modifiedFields: [] };
    const pod = foldLive([...running, update]);
    expect(pod.definition.image).toBe('pods.local/other:1');
    expect(pod.run?.definition.image).toBe('pods.local/webpage:1');
  });
});

describe('failing and losing', () => {
  const lose = {
    type: 'RecordLoss',
    ...of,
    podUid: 'uid-1',
    cause,
    lossesMax: 3,
    at: '2026-01-01T00:01:00.000Z',
  } as const;
  const lost = (run: number, losses: number): PodEventOf<'PodLost'> => ({
    type: 'PodLost',
    incarnation: 1,
    run,
    podUid: `uid-${run}`,
    ...cause,
    losses,
    final: false,
  });
  test('attempts are counted, and the last one ends in ERROR with its cause', () => {
    const failure = { type: 'RecordSpawnFailure', ...of, attempt: 2, cause, final: true } as const;
    const first: PodEvent = { type: 'PodSpawnFailed', ...of, attempt: 1, final: false, ...cause };
    const started = [podCreated(), ...eventsOfStart().slice(0, 1), first];
    expect(given(...started).when(failure)).toMatchObject({ event: { attempt: 2, final: true } });
    expect(given(...started).when({ ...failure, attempt: 1 })).toMatchObject(nothing);
    expect(foldLive([...started, { ...first, attempt: 2, final: true }])).toMatchObject({ status: 'ERROR' });
  });
  test('only a recorded object can be lost', () => {
    expect(given(podCreated(), ...eventsOfStart().slice(0, 1)).when(lose)).toMatchObject(nothing);
    expect(given(...running).when(lose)).toMatchObject({ event: { losses: 1, final: false } });
  });
  test('an object that ended or is being removed is not lost', () => {
    expect(given(...running, stop, teardown).when(lose)).toMatchObject(nothing);
  });
  test('a lost pod is wanted again, with a new run', () => {
    const pod = foldLive([...running, lost(1, 1)]);
    expect(pod.status).toBe('REQUESTED');
    expect(given(...running, lost(1, 1)).when({ type: 'OpenRun', incarnation: 1, generation: 1 })).toMatchObject({
      event: { run: 2 },
    });
  });
  test('a loss that says nothing against the pod is not counted, however often it comes', () => {
    const second = [...running, lost(1, 1), ...eventsOfStart(2)];
    const again = { ...lose, run: 2, podUid: 'uid-2', lossesMax: null };
    expect(given(...second).when(again)).toMatchObject({ event: { losses: 1, final: false } });
    expect(given(...running).when({ ...lose, lossesMax: null })).toMatchObject({ event: { losses: 0, final: false } });
  });
  test('losses that say nothing against the pod are counted apart, until a run settles or somebody asks for a run', () => {
    const again = { ...lose, run: 2, podUid: 'uid-2', lossesMax: null };
    const blameless = { ...lost(1, 0), blamelessLosses: 4 };
    const second = [...running, blameless, ...eventsOfStart(2)];
    expect(given(...second).when(again)).toMatchObject({ event: { losses: 0, blamelessLosses: 5 } });
    expect(given(...second).when({ ...again, lossesMax: 3 })).toMatchObject({
      event: { losses: 1, blamelessLosses: 4 },
    });
    const settled = { ...again, at: '2026-01-01T00:10:06.000Z' };
    expect(given(...second).when(settled)).toMatchObject({ event: { losses: 0, blamelessLosses: 1 } });
    expect(foldLive([...running, blameless, { type: 'PodStartRequested' }])).toMatchObject({ blamelessLosses: 0 });
  });
  test('losses in a row end in ERROR; a run that settled starts the count anew', () => {
    const second = [...running, lost(1, 1), ...eventsOfStart(2)];
    const again = { ...lose, run: 2, podUid: 'uid-2' };
    expect(given(...second).when({ ...again, lossesMax: 2 })).toMatchObject({ event: { losses: 2, final: true } });
    expect(given(...second).when({ ...again, at: '2026-01-01T00:10:06.000Z' })).toMatchObject({ event: { losses: 1 } });
    const gaveUp: PodEvent = {
      type: 'PodLost',
      incarnation: 1,
      run: 2,
      podUid: 'uid-2',
      ...cause,
      losses: 2,
      final: true,
    };
    expect(foldLive([...second, gaveUp]).status).toBe('ERROR');
    expect(foldLive([...second, gaveUp, { type: 'PodStartRequested' }]).status).toBe('REQUESTED');
  });
});

const limited = (seconds: number, instance: number | null = null) => {
  const { definition } = podCreated();
  const times = { time_to_stop_default: seconds, time_to_stop_instance: instance };
  return [podCreated({ definition: { ...definition, ...times } }), ...eventsOfStart()];
};

describe('time to stop', () => {
  const due = { type: 'StopOnTime', ...of, now: '2026-01-01T00:05:05.000Z' } as const;
  test('stops at the deadline, naming the field, and not before', () => {
    expect(given(...limited(300)).when(due)).toMatchObject({
      event: { deadline: '2026-01-01T00:05:05.000Z', field: 'time_to_stop_default', seconds: 300 },
    });
    expect(given(...limited(300)).when({ ...due, now: '2026-01-01T00:05:04.999Z' })).toMatchObject(nothing);
  });
  test('does not undo a restart that was asked for meanwhile: the run has to make way already', () => {
    expect(given(...limited(300), { type: 'PodRestartRequested' }).when(due)).toMatchObject(nothing);
  });
  test('of the instance wins, and -1 is never', () => {
    expect(given(...limited(300, 301)).when(due)).toMatchObject(nothing);
    expect(given(...limited(300, -1)).when({ ...due, now: '2036-01-01T00:00:00.000Z' })).toMatchObject(nothing);
  });
  test('moves with its fields', () => {
    const update: PodEvent = { type: 'PodUpdated', changes: { time_to_stop_default: 600 }, modifiedFields: [] };
    expect(given(...limited(300), update).when(due)).toMatchObject(nothing);
  });
  test('turns the pod off and the instance value is gone after the stop', () => {
    const reached: PodEvent = {
      type: 'PodTimeToStopReached',
      ...of,
      deadline: '2026-01-01T00:05:00.000Z',
      field: 'time_to_stop_instance',
      seconds: 300,
    };
    const pod = foldLive([...limited(900, 300), reached, teardown, stopped]);
    expect(pod).toMatchObject({ desired: 'OFF', status: 'STOPPED', definition: { time_to_stop_instance: null } });
  });
});
