// Reads Kubernetes' Pod into an ObservedPod. No decisions, no I/O.
import type { Pod, RunIdentity } from '@pods/kube';
import { parseRunIdentity, platformEndOf } from '@pods/kube';
import type { ObservedContainer, ObservedPod } from './observed-pod.ts';

/** A Pod of ours with the run that it belongs to. */
export interface Observation {
  readonly identity: RunIdentity;
  readonly pod: ObservedPod;
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/** Undefined for a Pod that is not this installation's, or that lacks what every Pod has. */
export function observe(installation: string, pod: Pod): Observation | undefined {
  const identity = parseRunIdentity(pod.metadata);
  if (identity === undefined || identity.installation !== installation) return undefined;
  const { uid, name, creationTimestamp: createdAt } = pod.metadata ?? {};
  const container = pod.spec?.containers.at(0);
  if (uid === undefined || name === undefined || createdAt === undefined || container === undefined) return undefined;
  return {
    identity,
    pod: {
      name,
      uid,
      incarnation: identity.incarnation,
      run: identity.run,
      createdAt,
      deletion: deletionOf(pod),
      endedByPlatform: platformEndOf(pod) !== undefined,
      unplaced: unplacedOf(pod, createdAt),
      ...wantedOf(container),
      ...statusOf(pod.status, container.name, createdAt),
    },
  };
}

type Container = NonNullable<Pod['spec']>['containers'][number];

function wantedOf(container: Container): Pick<ObservedPod, 'containerName' | 'image' | 'memoryLimit' | 'asksFor'> {
  const memoryLimit = container.resources?.limits?.['memory'] ?? null;
  const requests = Object.entries(container.resources?.requests ?? {});
  const asksFor = requests.map(([resource, quantity]) => `${resource} ${quantity}`).join(', ');
  return { containerName: container.name, image: container.image ?? '', memoryLimit, asksFor };
}

function statusOf(
  status: Pod['status'],
  containerName: string,
  createdAt: string,
): Pick<ObservedPod, 'phase' | 'said' | 'startTime' | 'container' | 'ready'> {
  const { phase = 'Unknown', reason = '', message = '', startTime = null, containerStatuses = [] } = status ?? {};
  const own = containerStatuses.find((candidate) => candidate.name === containerName);
  return {
    phase,
    said: { reason, message },
    startTime,
    container: containerOf(own, startTime ?? createdAt),
    ready: own?.ready ?? false,
  };
}

/**
 * The timestamp says when the grace period ends. With no grace left it says nothing: the kubelet's own last
 * delete sets it anew once the containers have ended.
 */
function deletionOf(pod: Pod): ObservedPod['deletion'] {
  const { deletionTimestamp, deletionGracePeriodSeconds: graceSeconds = 0 } = pod.metadata ?? {};
  if (deletionTimestamp === undefined) return null;
  if (graceSeconds === 0) return { askedAt: null };
  return { askedAt: new Date(Date.parse(deletionTimestamp) - graceSeconds * 1000).toISOString() };
}

function unplacedOf(pod: Pod, createdAt: string): ObservedPod['unplaced'] {
  if (pod.spec?.nodeName !== undefined || pod.status?.phase !== 'Pending') return null;
  const said = pod.status.conditions?.find(({ type, status }) => type === 'PodScheduled' && status !== 'True');
  if (said === undefined)
    return { reason: 'Unscheduled', message: 'no scheduler has looked at it yet', since: createdAt };
  const { reason = 'Unschedulable', message = '', lastTransitionTime = createdAt } = said;
  return { reason, message, since: lastTransitionTime };
}

function containerOf(status: ContainerStatus | undefined, startedByDefault: string): ObservedContainer {
  const { terminated, running, waiting } = status?.state ?? {};
  if (terminated !== undefined) return endedOf(terminated);
  if (running !== undefined) return { kind: 'running', startedAt: instantOf(running.startedAt) ?? startedByDefault };
  if (waiting === undefined) return { kind: 'none' };
  return { kind: 'waiting', reason: waiting.reason ?? 'Waiting', message: waiting.message ?? '' };
}

function endedOf(ended: Ended): ObservedContainer {
  return {
    kind: 'ended',
    reason: ended.reason ?? 'Error',
    message: ended.message ?? '',
    exitCode: ended.exitCode,
    startedAt: instantOf(ended.startedAt),
    finishedAt: instantOf(ended.finishedAt),
  };
}

/** Runtimes give the year 1 or 1970 for what never happened. */
function instantOf(text: string | undefined): string | null {
  const millis = text === undefined ? Number.NaN : Date.parse(text);
  return millis > 0 ? new Date(millis).toISOString() : null;
}
