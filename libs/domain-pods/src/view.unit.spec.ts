// What the API shows of a pod.
import type { ContainerStatus, PodEvent } from '@pods/contracts';
import { describe, expect, test } from 'vitest';
import { aNetworkingEntry, eventsOfStart, foldLive, podCreated } from './testing/index.ts';
import { routeObstacleOf, viewPod } from './view.ts';

const seen = (changes: Partial<ContainerStatus>): ContainerStatus => ({
  incarnation: 1,
  run: 1,
  phase: 'Running',
  startTime: null,
  message: '',
  ready: true,
  ...changes,
});
const available = foldLive([podCreated(), ...eventsOfStart()]);

describe('viewPod', () => {
  test('shows the start, the deadline and wire timestamps while a run is open', () => {
    expect(viewPod(available, {})).toMatchObject({
      status: 'AVAILABLE',
      status_requested: 'ON',
      creation_ts: '2026-01-01T00:00:01.000000',
      start_instance_ts: '2026-01-01T00:00:05.000000',
      time_to_stop_ts: '2026-01-01T12:00:05.000000',
    });
  });
  test('clears start, deadline and container when the run is over', () => {
    const of = { incarnation: 1, run: 1 };
    const stopped = foldLive([
      podCreated(),
      ...eventsOfStart(),
      { type: 'PodStopRequested' },
      { type: 'PodTeardownStarted', ...of, purpose: 'stop' },
      { type: 'PodStopped', ...of },
    ]);
    expect(viewPod(stopped, { observed: seen({}) })).toMatchObject({
      status: 'STOPPED',
      start_instance_ts: null,
      time_to_stop_ts: null,
      status_container: {},
    });
  });
  test('shows the cause of an error', () => {
    const failed: PodEvent = {
      type: 'PodErrored',
      incarnation: 1,
      run: 1,
      podUid: 'uid-1',
      reason: 'OOMKilled',
      message: 'out of memory',
      exitCode: 137,
      finishedAt: null,
      neverRan: false,
    };
    const pod = foldLive([podCreated(), ...eventsOfStart(), failed]);
    expect(viewPod(pod, {}).status_container).toMatchObject({ message: 'OOMKilled: out of memory' });
  });
  test('leaves out what was seen of another run', () => {
    expect(viewPod(available, { observed: seen({ run: 2, message: 'other' }) }).status_container).toEqual({});
    expect(viewPod(available, { observed: seen({ message: 'up' }) }).status_container).toMatchObject({ message: 'up' });
  });
  test('speaks the older words when asked to', () => {
    expect(viewPod(foldLive([podCreated(), ...eventsOfStart().slice(0, 1)]), {}, 'older').status).toBe('CREATING');
  });
});

describe('routeObstacleOf', () => {
  test.each([
    ['an open http entry has none', {}, null],
    ['local_only wants no route', { protocol: 'local_only' }, null],
    ['tcp', { protocol: 'tcp' }, 'protocol tcp'],
    ['tapis_auth', { tapis_auth: true }, 'tapis_auth'],
    ['ip_allow_list', { ip_allow_list: ['127.0.0.1'] }, 'ip_allow_list'],
  ] as const)('%s', (_, changes, obstacle) => {
    expect(
      routeObstacleOf({
        ...aNetworkingEntry,
        ...changes,
        ip_allow_list: [...('ip_allow_list' in changes ? changes.ip_allow_list : [])],
      }),
    ).toBe(obstacle);
  });
});
