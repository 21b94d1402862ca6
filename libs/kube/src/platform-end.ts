// Whether a Pod ended because of the platform (its node, an eviction, a restart of the machine) and not by its own
// doing. The first is a loss, which spawner records and makes good; the second is health's to report.
import type { Pod } from './kinds.ts';

/** Why the platform ended a Pod: Kubernetes' reason and a sentence. */
export interface PlatformEnd {
  readonly reason: string;
  readonly message: string;
  /** The machine or its container runtime was started again; nothing that the Pod does brings that about. */
  readonly byRestart: boolean;
}

/**
 * The kubelet cannot say how the container ended. `ContainerStatusUnknown`: the runtime does not know a container that
 * ran (kubelet_pods.go, status_manager.go). `Unknown`: containerd found it without its process when it started
 * (internal/cri/server/restart.go). A program that ends, whatever ends it, is always given its exit code instead.
 */
const unknownEnds: ReadonlySet<string> = new Set(['ContainerStatusUnknown', 'Unknown']);

/** The kubelet's word for Pods that it ended because its machine was being shut down (nodeshutdown_manager.go). */
const shutdownReason = 'Terminated';

/**
 * Why the platform ended this Pod; undefined for a Pod that lives or that ended by itself. Only a Failed Pod counts. A
 * reason at the level of the Pod is written by the kubelet (Evicted, OutOfcpu, NodeAffinity, Terminated by a node's
 * shutdown) or by the node controller (NodeLost), never because a program ended.
 */
export function platformEndOf(pod: Pod): PlatformEnd | undefined {
  const { status } = pod;
  if (status?.phase !== 'Failed') return undefined;
  return endOfPod(status) ?? disruption(status) ?? unknownEnd(pod);
}

type PodStatus = NonNullable<Pod['status']>;

function endOfPod({ reason, message = '' }: PodStatus): PlatformEnd | undefined {
  const byPlatform = reason !== undefined && reason !== '' && reason !== 'DeadlineExceeded';
  return byPlatform ? { reason, message, byRestart: reason === shutdownReason } : undefined;
}

function disruption({ conditions = [] }: PodStatus): PlatformEnd | undefined {
  const found = conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  if (found === undefined) return undefined;
  return { reason: found.reason ?? 'Disrupted', message: found.message ?? '', byRestart: false };
}

function unknownEnd({ metadata, status }: Pod): PlatformEnd | undefined {
  // Of a container that is not started again a last state tells of the same end: after a restart of the machine the kubelet
  // says Failed of the Pod first, with the container waiting and only its last state unknown.
  const ends = (status?.containerStatuses ?? []).flatMap(({ state, lastState }) => [
    state?.terminated,
    lastState?.terminated,
  ]);
  const reason = ends.find((end) => unknownEnds.has(end?.reason ?? ''))?.reason;
  if (reason === undefined) return undefined;
  // The container's own message is not taken over: the kubelet appends what the program wrote last.
  const message = 'the machine or its container runtime restarted';
  // Of a Pod that is being deleted the kubelet may say the same, because it removed the container itself.
  return { reason, message, byRestart: metadata?.deletionTimestamp === undefined };
}
