// One pass for one pod: reads the fold and the Pod, records what the history lacks, shows the container's status, and
// has its output looked after. Every step is safe to repeat.
import type { PodKey } from '@pods/contracts';
import { podKeyFromString } from '@pods/contracts';
import type { LivePod, PodState } from '@pods/domain-pods';
import { isLive } from '@pods/domain-pods';
import type { Replica } from '@pods/event-store';
import type { Clock, Outcome } from '@pods/service';
import type { ClusterPods } from '../../cluster/cluster-pods.ts';
import { planLogs } from '../../logs/plan.ts';
import type { LogTender } from '../../logs/tender.ts';
import type { ContainerStatuses } from '../../status/container-statuses.ts';
import { isSameStatus } from '../../status/container-statuses.ts';
import type { ObservedPod } from './observed-pod.ts';
import type { ObservationPolicy, PodPlan } from './plan.ts';
import { planPod } from './plan.ts';
import type { Recorder } from './record.ts';
import type { StartWarnings } from './start-warnings.ts';
import type { TroubleMemory } from './trouble-memory.ts';

export interface ReconcilerDeps {
  readonly replica: Pick<Replica<PodState>, 'get'>;
  readonly cluster: Pick<ClusterPods, 'get'>;
  readonly troubles: TroubleMemory;
  readonly warnings: StartWarnings;
  readonly statuses: Pick<ContainerStatuses, 'get' | 'put' | 'remove'>;
  readonly logs: LogTender;
  readonly record: Recorder;
  readonly clock: Pick<Clock, 'now'>;
  readonly policy: ObservationPolicy;
}

export interface Reconciler {
  readonly run: (name: string, signal: AbortSignal) => Promise<Outcome>;
  /** Whether a pass would have something to do at `nowMs`: for the full check. Does nothing. */
  readonly isDue: (name: string, nowMs: number) => boolean;
}

type Known =
  | { readonly kind: 'live'; readonly key: PodKey; readonly pod: LivePod; readonly seen: ObservedPod | null }
  | { readonly kind: 'gone' }
  /** Its history holds events of a newer version: others look after it. */
  | { readonly kind: 'newer' };

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { replica, cluster, troubles, warnings, statuses, logs, record, clock, policy } = deps;

  const know = (name: string): Known => {
    const key = podKeyFromString(name);
    const folded = replica.get(name);
    if (folded?.newerThanMe === true) return { kind: 'newer' };
    if (key === undefined || folded === undefined || !isLive(folded.state)) return { kind: 'gone' };
    return { kind: 'live', key, pod: folded.state, seen: cluster.get(key) };
  };
  const plan = (name: string, { pod, seen }: Extract<Known, { kind: 'live' }>, nowMs: number): PodPlan =>
    planPod({ pod, seen, trouble: troubles.get(name), warning: warnings.get(name, seen) }, nowMs, policy);

  return {
    run: async (name, signal) => {
      const known = know(name);
      if (known.kind === 'newer')
        return { kind: 'wait', afterMs: 60_000, reason: 'the pod is newer than this version' };
      if (known.kind === 'gone') {
        logs.forget(name);
        await warnings.look(name, null);
        await statuses.remove(name);
        return { kind: 'done' };
      }
      const { key, pod, seen } = known;
      troubles.note(name, seen);
      await troubles.recall(name);
      const lookAtMs = await warnings.look(name, seen);
      const nowMs = clock.now();
      const { commands, status, wakeAtMs } = plan(name, known, nowMs);
      // First, so that whoever sees the new status word finds a container status that goes with it.
      if (status !== null) await statuses.put(name, status);
      for (const command of commands) await record(key, command);
      const logsWaitMs = await logs.tend(key, planLogs(pod, seen), signal);
      const wakesMs = [wakeAtMs, lookAtMs].map((atMs) => (atMs === null ? undefined : Math.max(atMs - nowMs, 0)));
      return outcomeOf([...wakesMs, logsWaitMs]);
    },
    isDue: (name, nowMs) => {
      const known = know(name);
      if (known.kind === 'newer') return false;
      if (known.kind === 'gone') return statuses.get(name) !== undefined;
      const { commands, status } = plan(name, known, nowMs);
      if (commands.length > 0) return true;
      if (status !== null && !isSameStatus(statuses.get(name), status)) return true;
      return logs.isDue(known.key, planLogs(known.pod, known.seen));
    },
  };
}

function outcomeOf(waitsMs: readonly (number | undefined)[]): Outcome {
  const waits = waitsMs.filter((wait) => wait !== undefined);
  return waits.length === 0 ? { kind: 'done' } : { kind: 'wait', afterMs: Math.min(...waits), reason: 'a deadline' };
}
