// Which ended Pods are losses and which ended by themselves.
import { describe, expect, it } from 'vitest';
import type { Pod } from './kinds.ts';
import { platformEndOf } from './platform-end.ts';

type Status = NonNullable<Pod['status']>;

function pod(status: Status): Pod {
  return { status };
}

function ended(reason: string, exitCode: number): NonNullable<Status['containerStatuses']>[number] {
  return {
    name: 'c',
    image: 'i',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode, reason } },
  };
}

describe('platformEndOf', () => {
  it.each([
    ['evicted', { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource' }, 'Evicted'],
    ['its node lost', { phase: 'Failed', reason: 'NodeLost' }, 'NodeLost'],
    [
      'refused by the kubelet after a restart',
      { phase: 'Failed', reason: 'UnexpectedAdmissionError' },
      'UnexpectedAdmissionError',
    ],
    [
      'taken off its node',
      { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }] },
      'DeletionByTaintManager',
    ],
    [
      'of an unknown end after a reboot',
      { phase: 'Failed', containerStatuses: [ended('ContainerStatusUnknown', 137)] },
      'ContainerStatusUnknown',
    ],
    ['of an end that the runtime forgot', { phase: 'Failed', containerStatuses: [ended('Unknown', 255)] }, 'Unknown'],
  ] satisfies [string, Status, string][])('a Pod %s is a loss', (_name, status, reason) => {
    expect(platformEndOf(pod(status))?.reason).toBe(reason);
  });

  it.each([
    ['that runs', { phase: 'Running' }],
    ['that waits', { phase: 'Pending', reason: 'Unschedulable' }],
    ['that completed', { phase: 'Succeeded', containerStatuses: [ended('Completed', 0)] }],
    ['whose program failed', { phase: 'Failed', containerStatuses: [ended('Error', 255)] }],
    ['that used too much memory', { phase: 'Failed', containerStatuses: [ended('OOMKilled', 137)] }],
    ['past its deadline', { phase: 'Failed', reason: 'DeadlineExceeded' }],
    ['without a status', {}],
  ] satisfies [string, Status][])('a Pod %s is none', (_name, status) => {
    expect(platformEndOf(pod(status))).toBeUndefined();
  });

  it('what the program wrote last is no part of why', () => {
    const container = ended('Unknown', 255);
    const terminated = { exitCode: 255, reason: 'Unknown', message: 'password=hunter2' };
    const found = platformEndOf(pod({ phase: 'Failed', containerStatuses: [{ ...container, state: { terminated } }] }));
    expect(found).toEqual({
      reason: 'Unknown',
      message: 'the machine or its container runtime restarted',
      byRestart: true,
    });
  });
});

describe('a restart of the machine or of its container runtime', () => {
  it.each([
    [
      'an unknown end of a running container',
      { phase: 'Failed', containerStatuses: [ended('ContainerStatusUnknown', 137)] },
    ],
    [
      'an unknown end in the last state of a container that seems to wait',
      {
        phase: 'Failed',
        containerStatuses: [
          {
            ...ended('', 0),
            state: { waiting: { reason: 'ContainerCreating' } },
            lastState: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
          },
        ],
      },
    ],
    ['an end that containerd missed', { phase: 'Failed', containerStatuses: [ended('Unknown', 255)] }],
    ['the end by a shutdown', { phase: 'Failed', reason: 'Terminated' }],
  ] satisfies [string, Status][])('shows as %s', (_name, status) => {
    expect(platformEndOf(pod(status))?.byRestart).toBe(true);
  });

  it.each([
    ['an eviction', { phase: 'Failed', reason: 'Evicted' }],
    [
      'an eviction that lost its container',
      { phase: 'Failed', reason: 'Evicted', containerStatuses: [ended('ContainerStatusUnknown', 137)] },
    ],
    ['a Pod that its node refuses', { phase: 'Failed', reason: 'OutOfcpu' }],
    ['a disruption', { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
  ] satisfies [string, Status][])('is not %s', (_name, status) => {
    expect(platformEndOf(pod(status))?.byRestart).toBe(false);
  });

  it('is not the removal of a Pod', () => {
    const status = { phase: 'Failed', containerStatuses: [ended('ContainerStatusUnknown', 137)] };
    expect(platformEndOf({ metadata: { deletionTimestamp: '2026-11-25T03:00:00Z' }, status })?.byRestart).toBe(false);
  });
});
