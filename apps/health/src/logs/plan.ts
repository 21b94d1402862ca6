// What is to be done about a pod's container output: follow it, archive it, or let go of it. Pure.
import type { LivePod, Run } from '@pods/domain-pods';
import { isOpen } from '@pods/domain-pods';
import type { ObservedPod } from '../reconcile/pod/observed-pod.ts';
import type { LogTarget, RunRef } from './run-ref.ts';

export type LogPlan =
  /** No run has output that is still wanted here. */
  | { readonly kind: 'drop' }
  /** Nothing to read now; what is held of this run stays. */
  | { readonly kind: 'hold'; readonly of: RunRef }
  | { readonly kind: 'follow'; readonly target: LogTarget }
  | {
      readonly kind: 'archive';
      readonly of: RunRef;
      /** Where the output can still be read; null when the Pod object is gone. */
      readonly target: LogTarget | null;
      /** False when no container of the run ever ran. */
      readonly mayHaveOutput: boolean;
      /** Somebody waits for the archive, or the Pod object may go at any moment: what can be had now must do. */
      readonly hurry: boolean;
    };

/** What the fold and the Pod ask for. A run's archive is due once and the history says when it is made. */
export function planLogs(pod: LivePod, seen: ObservedPod | null): LogPlan {
  const { run, incarnation } = pod;
  if (run === null || run.logs !== null) return { kind: 'drop' };
  const of = { incarnation, run: run.number };
  const target = seen === null ? null : targetOf(of, run, seen);
  const hurry = run.teardownStarted || !isOpen(run);
  if (hurry || run.end !== null || run.failure !== null || hasEnded(target, seen)) {
    return { kind: 'archive', of, target, mayHaveOutput: target !== null || run.startedAt !== null, hurry };
  }
  return target === null ? { kind: 'hold', of } : { kind: 'follow', target };
}

/** The container, when it belongs to the run and has ever run. */
function targetOf(of: RunRef, run: Run, seen: ObservedPod): LogTarget | null {
  if (seen.incarnation !== of.incarnation || seen.run !== of.run) return null;
  if (run.podUid !== null && run.podUid !== seen.uid) return null;
  const { container } = seen;
  const hasRun = container.kind === 'running' || (container.kind === 'ended' && container.startedAt !== null);
  return hasRun ? { ...of, podUid: seen.uid, podName: seen.name, container: seen.containerName } : null;
}

function hasEnded(target: LogTarget | null, seen: ObservedPod | null): boolean {
  return target !== null && (seen?.phase === 'Succeeded' || seen?.phase === 'Failed');
}
