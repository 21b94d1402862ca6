// Decisions on users' commands: each acts, refuses, stays quiet.
import type { PodEvent } from '@pods/contracts';
import { describe, expect, test } from 'vitest';
import type { Caller } from './permissions.ts';
import { aDefinition, event, eventsOfStart, given, podCreated, refused } from './testing/index.ts';

const ada: Caller = { user: 'ada', isServiceAdmin: false };
const grace: Caller = { user: 'grace', isServiceAdmin: false };
const admin: Caller = { user: 'root', isServiceAdmin: true };
const byAda = { caller: ada, needs: 'ADMIN' } as const;

const create = {
  type: 'CreatePod',
  caller: ada,
  tenant: 'dev',
  podId: 'docpod',
  site: 'local',
  definition: aDefinition(),
  modifiedFields: ['pod_id', 'image'],
  statusRequested: 'ON',
} as const;

const stop = { type: 'PodStopRequested' } as const;
const deleted = { type: 'PodDeleted', incarnation: 1, lastRun: 1 } as const;
const ended = {
  type: 'PodCompleted',
  incarnation: 1,
  run: 1,
  podUid: 'uid-1',
  reason: 'Completed',
  message: '',
  exitCode: 0,
  finishedAt: null,
} as const;

describe('CreatePod', () => {
  test('makes the first incarnation, owned by the caller', () => {
    expect(given().when(create)).toEqual(event(podCreated()));
  });
  test('of a deleted id makes the next incarnation', () => {
    expect(given(podCreated(), deleted).when(create)).toEqual(event(podCreated({ incarnation: 2 })));
  });
  test('refuses an id that is taken', () => {
    expect(given(podCreated()).when(create)).toEqual(refused({ code: 'PodExists' }));
  });
  test('with the id of an earlier command answers that command', () => {
    const repeated = { commandId: 'command-1', commandHash: 'hash-1' };
    expect(given(podCreated()).when(create, repeated)).toEqual({ kind: 'repeated', version: 1 });
  });
  test('refuses the id of an earlier command with another content', () => {
    const reused = { commandId: 'command-1', commandHash: 'other' };
    expect(given(podCreated()).when(create, reused)).toEqual(refused({ code: 'CommandIdReused' }));
  });
});

describe('access', () => {
  const shared = podCreated({ permissions: ['ada:ADMIN', 'grace:USER', 'alan:READ'] });
  test.each([
    ['a stranger sees no pod', 'eve', 'READ', { code: 'PodNotFound' }],
    ['a reader may not update', 'alan', 'USER', { code: 'NotAllowed', needs: 'USER' }],
    ['a user may not stop', 'grace', 'ADMIN', { code: 'NotAllowed', needs: 'ADMIN' }],
  ] as const)('%s', (_, user, needs, refusal) => {
    const caller = { user, isServiceAdmin: false };
    expect(given(shared).when({ type: 'StopPod', caller, needs })).toEqual(refused(refusal));
  });
  test('a service admin passes', () => {
    expect(given(shared).when({ type: 'StopPod', caller: admin, needs: 'ADMIN' })).toEqual(event(stop));
  });
  test('everybody has the level of the entry for everybody, or the own one if higher', () => {
    const open = podCreated({ permissions: ['ada:ADMIN', '*:READ'] });
    const needsAdmin = refused({ code: 'NotAllowed', needs: 'ADMIN' });
    expect(given(open).when({ type: 'StopPod', caller: grace, needs: 'ADMIN' })).toEqual(needsAdmin);
    expect(given(open).when({ type: 'StopPod', ...byAda })).toEqual(event(stop));
  });
});

describe('UpdatePod', () => {
  const update = { type: 'UpdatePod', caller: ada, needs: 'USER', sentFields: ['description'] } as const;
  test('records the fields that differ, and only them', () => {
    const sent = { description: 'new', image: 'pods.local/webpage:1' };
    expect(given(podCreated()).when({ ...update, changes: sent, sentFields: ['description', 'image'] })).toEqual(
      event({
        type: 'PodUpdated',
        changes: { description: 'new' },
        modifiedFields: ['pod_id', 'image', 'description'],
      }),
    );
  });
  test('refuses what changes nothing', () => {
    const same = { ...update, changes: { description: '' }, statusRequested: 'ON' } as const;
    expect(given(podCreated()).when(same)).toEqual(refused({ code: 'NoChanges' }));
  });
  test('of status_requested needs ADMIN', () => {
    const shared = podCreated({ permissions: ['ada:ADMIN', 'grace:USER'] });
    const off = { ...update, caller: grace, changes: {}, statusRequested: 'OFF' } as const;
    expect(given(shared).when(off)).toEqual(refused({ code: 'NotAllowed', needs: 'ADMIN' }));
  });
  test('refuses a version that is not the newest', () => {
    const stale = { ...update, changes: { description: 'new' }, ifVersion: 7 };
    const refusal = { code: 'VersionMismatch', expected: 7, actual: 1 } as const;
    expect(given(podCreated()).when(stale)).toEqual(refused(refusal));
  });
});

describe('StartPod', () => {
  const start = { type: 'StartPod', ...byAda } as const;
  const started = event({ type: 'PodStartRequested' });
  test('starts a stopped pod', () => {
    expect(given(podCreated({ statusRequested: 'OFF' })).when(start)).toEqual(started);
  });
  test('starts a complete pod anew', () => {
    expect(given(podCreated(), ...eventsOfStart(), ended).when(start)).toEqual(started);
  });
  test.each([
    ['REQUESTED', [podCreated()]],
    ['SPAWNING', [podCreated(), ...eventsOfStart().slice(0, 1)]],
    ['AVAILABLE', [podCreated(), ...eventsOfStart()]],
  ] as const)('refuses a pod that is %s', (status, history) => {
    expect(given(...history).when(start)).toEqual(refused({ code: 'PodNotStopped', status }));
  });
});

describe('StopPod, RestartPod, DeletePod', () => {
  test('a stop is asked once', () => {
    expect(given(podCreated()).when({ type: 'StopPod', ...byAda })).toEqual(event(stop));
    expect(given(podCreated(), stop).when({ type: 'StopPod', ...byAda })).toMatchObject({ kind: 'nothing' });
  });
  test('a restart is accepted in any state', () => {
    const restart = { type: 'RestartPod', ...byAda } as const;
    expect(given(podCreated()).when(restart)).toEqual(event({ type: 'PodRestartRequested' }));
    expect(given(podCreated(), stop).when(restart)).toEqual(event({ type: 'PodRestartRequested' }));
  });
  test('a delete that is sent again does not delete the next pod of this id', () => {
    const history = [podCreated(), deleted, podCreated({ incarnation: 2 })];
    const again = { commandId: 'command-2', commandHash: 'hash-2' };
    const del = { type: 'DeletePod', ...byAda } as const;
    expect(given(...history).when(del, again)).toEqual({ kind: 'repeated', version: 2 });
    expect(given(podCreated(), deleted).when(del, again)).toEqual({ kind: 'repeated', version: 2 });
    expect(given(...history).when(del)).toMatchObject({ kind: 'event' });
  });
  test('a delete names the last run, and a second one finds no pod', () => {
    const del = { type: 'DeletePod', ...byAda } as const;
    expect(given(podCreated(), ...eventsOfStart()).when(del)).toEqual(event(deleted));
    expect(given(podCreated(), ...eventsOfStart(), deleted).when(del)).toEqual(refused({ code: 'PodNotFound' }));
  });
});

describe('a command that is sent again', () => {
  const updates = Array.from({ length: 64 }, (_, index): PodEvent => {
    const changes = { description: `text ${index}` };
    return { type: 'PodUpdated', changes, modifiedFields: [] };
  });
  const update = { type: 'UpdatePod', ...byAda, changes: { description: 'new' }, sentFields: [] } as const;
  const again = (version: number): object =>
    given(podCreated(), ...updates).when(update, { commandId: `command-${version}`, commandHash: `hash-${version}` });

  test('is known while it is one of the newest 64, and is a new one after that', () => {
    expect(again(2)).toEqual({ kind: 'repeated', version: 2 });
    expect(again(1)).toMatchObject({ kind: 'event' });
  });
});
