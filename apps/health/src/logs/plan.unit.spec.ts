import type { PodEvent } from '@pods/contracts';
import { eventsOfStart, foldLive, podCreated } from '@pods/domain-pods/testing';
import type { RunIdentity } from '@pods/kube';
import { describe, expect, test } from 'vitest';
import { observe } from '../reconcile/pod/observe.ts';
import type { ObservedPod } from '../reconcile/pod/observed-pod.ts';
import { recordedPod } from '../testing/recorded-pods.ts';
import { planLogs } from './plan.ts';

const of = { incarnation: 1, run: 1 };
const uid = 'uid-1';

function seenAs(state: string, changes: Partial<ObservedPod> = {}): ObservedPod {
  const identity: RunIdentity = { installation: 'spec', site: 'local', tenant: 'dev', podId: 'docpod', ...of };
  const found = observe('spec', recordedPod(state, identity));
  if (found === undefined) throw new Error(`${state} is no Pod of ours`);
  return { ...found.pod, uid, ...changes };
}

const running: readonly PodEvent[] = [podCreated(), ...eventsOfStart()];
const teardown: PodEvent = { type: 'PodTeardownStarted', ...of, purpose: 'stop' };
const lost: PodEvent = {
  type: 'PodLost',
  ...of,
  podUid: uid,
  reason: 'NodeLost',
  message: '',
  losses: 1,
  final: false,
};
const archived: PodEvent = { type: 'PodLogsArchived', ...of, object: null, sizeBytes: 0 };
const target = { ...of, podUid: uid, container: 'main' };

describe('what is done about a pod’s output', () => {
  test.each([
    ['a running container is followed', running, seenAs('running'), { kind: 'follow', target }],
    ['a container that has not run yet gives nothing', running, seenAs('container-creating'), { kind: 'hold', of }],
    ['a Pod that vanished leaves what is held', running, null, { kind: 'hold', of }],
    ['a Pod of another run is not followed', running, seenAs('running', { run: 2 }), { kind: 'hold', of }],
    ['another Pod object is not followed', running, seenAs('running', { uid: 'x' }), { kind: 'hold', of }],
    [
      'a container that ended is archived without hurry',
      running,
      seenAs('exit-three'),
      { kind: 'archive', target, mayHaveOutput: true, hurry: false },
    ],
    [
      'a teardown is archived in a hurry, while the container runs',
      [...running, teardown],
      seenAs('running'),
      { kind: 'archive', target, mayHaveOutput: true, hurry: true },
    ],
    [
      'a lost run is archived from what is held',
      [...running, lost],
      null,
      { kind: 'archive', target: null, mayHaveOutput: true, hurry: true },
    ],
    [
      'a teardown of what never ran has no output',
      [podCreated(), ...eventsOfStart().slice(0, 2), teardown],
      seenAs('image-pull-failed'),
      { kind: 'archive', target: null, mayHaveOutput: false, hurry: true },
    ],
    ['an archived run is let go of', [...running, teardown, archived], seenAs('running'), { kind: 'drop' }],
    ['a pod without a run has none', [podCreated()], null, { kind: 'drop' }],
  ] satisfies [string, readonly PodEvent[], ObservedPod | null, object][])('%s', (_name, events, seen, plan) => {
    expect(planLogs(foldLive(events), seen)).toMatchObject(plan);
  });
});
