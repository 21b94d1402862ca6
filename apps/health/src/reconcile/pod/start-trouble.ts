// Why a container does not start, remembered from one observation to the next: Kubernetes shows only the present
// reason, not how often a pull failed or since when. Pure; lost with the process, which then learns the past anew.
import type { ObservedPod } from './observed-pod.ts';

export interface StartTrouble {
  readonly podUid: string;
  /** `pull`: the image does not come. `start`: it is there, but no container comes of it. */
  readonly kind: 'pull' | 'start';
  /** Kubernetes' word for it, the one that names the failure and not the wait after it. */
  readonly reason: string;
  /** What the registry or the runtime answered. */
  readonly answer: string;
  readonly sinceMs: number;
  /** Failed attempts; counted for pulls only. */
  readonly failures: number;
  /** The newest observation shows a failure, not the wait for the next attempt. */
  readonly failing: boolean;
}

/** What is known of failures from before they were observed; null for nothing. */
export type PastTroubles = Readonly<
  Record<StartTrouble['kind'], { readonly failures: number; readonly sinceMs: number } | null>
>;

/** The trouble with its past: neither count nor time begin anew with a process. */
export function withPast(trouble: StartTrouble, past: PastTroubles): StartTrouble {
  const before = past[trouble.kind];
  if (before === null) return trouble;
  return {
    ...trouble,
    failures: Math.max(trouble.failures, before.failures),
    sinceMs: Math.min(trouble.sinceMs, before.sinceMs),
  };
}

/** Waiting for these is the normal course of things, however long it takes. */
const calmReasons: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing', 'Waiting']);

/** Whether a placed Pod's container is on the normal way to its start, which says nothing of what holds it up. */
export function isPreparing({ container, deletion, unplaced, phase }: ObservedPod): boolean {
  if (deletion !== null || unplaced !== null || phase !== 'Pending') return false;
  return container.kind === 'none' || (container.kind === 'waiting' && calmReasons.has(container.reason));
}

/** The kubelet's words for a pull that failed (pkg/kubelet/images/types.go). */
const pullFailures: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'RegistryUnavailable',
  'SignatureValidationFailed',
  'ImageInspectError',
  'ErrImageNeverPull',
  'InvalidImageName',
]);
const pullBackoff = 'ImagePullBackOff';

/** No further attempt can change these. */
const hopelessReasons: ReadonlySet<string> = new Set(['InvalidImageName', 'ErrImageNeverPull']);

export function isHopeless(trouble: StartTrouble): boolean {
  return hopelessReasons.has(trouble.reason);
}

/** The trouble after one more observation; null when there is none. Seeing the same again changes nothing. */
export function troubleAfter(before: StartTrouble | null, pod: ObservedPod, nowMs: number): StartTrouble | null {
  const { container } = pod;
  if (container.kind === 'running' || container.kind === 'ended') return null;
  const known = before?.podUid === pod.uid ? before : null;
  if (container.kind === 'none' || calmReasons.has(container.reason)) return known;
  return container.reason === pullBackoff
    ? waitsAfter(known, pod.uid, container.message, nowMs)
    : failsAfter(known, pod.uid, container, nowMs);
}

/** The kubelet waits before it pulls again: older ones say no more than that. */
function waitsAfter(known: StartTrouble | null, podUid: string, message: string, nowMs: number): StartTrouble {
  if (known?.kind === 'pull') {
    return { ...known, answer: known.answer === '' ? message : known.answer, failing: false };
  }
  const first = { reason: 'ErrImagePull', answer: message, sinceMs: nowMs, failures: 1 };
  return { ...first, podUid, kind: 'pull', failing: false };
}

function failsAfter(
  known: StartTrouble | null,
  podUid: string,
  { reason, message }: { readonly reason: string; readonly message: string },
  nowMs: number,
): StartTrouble {
  const kind = pullFailures.has(reason) ? 'pull' : 'start';
  const now = { podUid, kind, reason, answer: message, failing: true } as const;
  if (known?.kind !== kind) return { ...now, sinceMs: nowMs, failures: 1 };
  return { ...now, sinceMs: known.sinceMs, failures: known.failures + (known.failing ? 0 : 1) };
}
