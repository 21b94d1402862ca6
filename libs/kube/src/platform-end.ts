// Whether a Pod ended because of the platform (its node, an eviction, a restart of the machine) and not by its own
// doing. The first is a loss, which spawner records and makes good; the second is health's to report.
import type { Pod } from './kinds.ts';

/** Why the platform ended a Pod: Kubernetes' reason and a sentence. */
export interface PlatformEnd {
  readonly reason: string;
  readonly message: string;
}

/** The kubelet cannot say how the container ended: its machine restarted or its runtime forgot it. */
const unknownEnds: ReadonlySet<string> = new Set(['ContainerStatusUnknown', 'Unknown']);

/**
 * Why the platform ended this Pod; undefined for a Pod that lives or that ended by itself. Only a Failed Pod counts. A
 * reason at the level of the Pod is written by the kubelet (Evicted, OutOfcpu, NodeAffinity, Terminated by a node's
 * shutdown) or by the node controller (NodeLost), never because a program ended.
 */
export function platformEndOf(pod: Pod): PlatformEnd | undefined {
  const { status } = pod;
  if (status?.phase !== 'Failed') return undefined;
  return endOfPod(status) ?? disruption(status) ?? unknownEnd(status);
}

type PodStatus = NonNullable<Pod['status']>;

function endOfPod({ reason, message = '' }: PodStatus): PlatformEnd | undefined {
  const byPlatform = reason !== undefined && reason !== '' && reason !== 'DeadlineExceeded';
  return byPlatform ? { reason, message } : undefined;
}

function disruption({ conditions = [] }: PodStatus): PlatformEnd | undefined {
  const found = conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  return found === undefined ? undefined : { reason: found.reason ?? 'Disrupted', message: found.message ?? '' };
}

function unknownEnd({ containerStatuses = [] }: PodStatus): PlatformEnd | undefined {
  const ends = containerStatuses.map((container) => container.state?.terminated);
  const { reason, message } = ends.find((end) => unknownEnds.has(end?.reason ?? '')) ?? {};
  if (reason === undefined) return undefined;
  return { reason, message: message ?? 'the machine or its container runtime restarted' };
}
