// What is to be done about one pod. Pure: a snapshot, the present and the policy give actions, what to tell the user
// meanwhile, and when to look again. The rules, first match wins:
//  1. A history that cannot be judged (newer than us, not yet applied) leaves everything as it is.
//  2. Without a living pod everything in the cluster goes: Pods first, anchors last; without proof only within limits.
//  3. Objects that the log does not know yet are treated as without proof.
//  4. Objects of other runs go, and are waited for, before anything else happens.
//  5. No open run: the next is opened when one is wanted and the delay after a loss is over.
//  6. A run that has to make way: teardown is announced, logs are waited for, its objects go, it is stopped.
//  7. A run that was given up leaves no objects; one that never ran leaves no Pod; one that ended stays for its logs.
//  8. A run without its objects gets them; a run with them keeps them, or is lost with its Pod.
import type { LivePod, Run } from '@pods/domain-pods';
import { needsReplacement, needsRun, openRunOf, toMillis } from '@pods/domain-pods';
import type { Plan, SpawnPolicy } from './actions.ts';
import { delayMs } from './actions.ts';
import { idle, isAheadOf, nothing, restartReason, whenPodsAreGone, without } from './plan-parts.ts';
import { planRunning, planSpawning } from './plan-run.ts';
import type { OwnedObject, Snapshot } from './snapshot.ts';

/** Decides one pass. `now` in milliseconds since 1970. */
export function plan(snapshot: Snapshot, now: number, policy: SpawnPolicy): Plan {
  const { knowledge, objects } = snapshot;
  switch (knowledge.kind) {
    case 'newer':
      return nothing;
    case 'behind':
      return idle(null, policy.recheckMs, 'the replica is behind the log');
    case 'unknown':
      return planWithoutProof(snapshot, objects, policy);
    case 'deleted': {
      const proven = objects.filter((object) => object.incarnation <= knowledge.incarnation);
      if (proven.length > 0) return without(proven, null, policy);
      return planWithoutProof(snapshot, objects, policy);
    }
    case 'live':
      return planLive(snapshot, knowledge.pod, { now, policy });
  }
}

interface Given {
  readonly now: number;
  readonly policy: SpawnPolicy;
}

const unaccounted =
  'left as it is: the cluster holds objects of this pod that its history does not know. An administrator has to look at it';

/** Nothing in the log accounts for these objects: is it the objects that are wrong, or the log? */
function planWithoutProof(snapshot: Snapshot, objects: readonly OwnedObject[], policy: SpawnPolicy): Plan {
  if (objects.length === 0) return nothing;
  if (snapshot.orphanRemoval === 'allowed') return without(objects, null, policy);
  return { ...nothing, progress: unaccounted, alarm: 'orphans-refused' };
}

function planLive(snapshot: Snapshot, pod: LivePod, given: Given): Plan {
  const { objects } = snapshot;
  const run = openRunOf(pod);
  const ahead = objects.filter((object) => isAheadOf(pod, object));
  if (ahead.length > 0) return planWithoutProof(snapshot, ahead, given.policy);
  const others = objects.filter((object) => run === null || !isOf(pod, run, object));
  if (others.length > 0) {
    return without(others, 'waiting for the cluster to remove what is left of an earlier run', given.policy);
  }
  if (run === null) return planWithoutRun(pod, given);
  if (run.teardownStarted || needsReplacement(pod)) return planTeardown(snapshot, pod, run, given);
  if (run.failure !== null) return without(objects, null, given.policy);
  if (run.end !== null) {
    const pods = objects.filter((object) => object.kind === 'Pod');
    return run.end.neverRan ? without(pods, null, given.policy) : nothing;
  }
  const facts = { snapshot, pod, run };
  return run.objects === null
    ? planSpawning(facts, given.now, given.policy)
    : planRunning(facts, given.now, given.policy);
}

function isOf(pod: LivePod, run: Run, object: OwnedObject): boolean {
  return object.incarnation === pod.incarnation && object.run === run.number;
}

function planWithoutRun(pod: LivePod, { now, policy }: Given): Plan {
  if (!needsRun(pod)) return nothing;
  const { run } = pod;
  // Somebody who asks for a start after the loss need not wait.
  if (run !== null && run.loss !== null && run.generation === pod.generation) {
    const byRestart = run.loss.reason === restartReason;
    const dueAt =
      toMillis(run.loss.at) + (byRestart ? restartDelayMs(pod, policy) : delayMs(policy.lossRetry, pod.losses));
    if (now < dueAt) {
      const what = byRestart
        ? `restart ${pod.blamelessLosses} of its machine in a row`
        : `loss ${pod.losses} of at most ${policy.lossesMax} in a row`;
      return idle(`started again in ${seconds(dueAt - now)} (${what})`, dueAt - now, 'the delay after a loss');
    }
  }
  const { incarnation, generation } = pod;
  return { ...nothing, actions: [{ type: 'Record', command: { type: 'OpenRun', incarnation, generation } }] };
}

/** A machine that is back is used at once; one that restarts again and again is given time as after other losses. */
function restartDelayMs({ blamelessLosses }: LivePod, { lossRetry }: SpawnPolicy): number {
  return blamelessLosses <= 1 ? 0 : delayMs(lossRetry, blamelessLosses - 1);
}

function planTeardown(snapshot: Snapshot, pod: LivePod, run: Run, { now, policy }: Given): Plan {
  const of = { incarnation: pod.incarnation, run: run.number };
  if (!run.teardownStarted) {
    return { ...nothing, actions: [{ type: 'Record', command: { type: 'BeginTeardown', ...of } }] };
  }
  const waitMs = (snapshot.teardownSeenAt ?? now) + policy.logsWaitMs - now;
  if (waitMs > 0 && hasLogsToKeep(snapshot, run)) return idle(null, waitMs, 'waiting for the logs to be kept');
  return whenPodsAreGone(snapshot.objects, policy, 'waiting for the cluster to end the container', [
    { type: 'Record', command: { type: 'RecordStopped', ...of } },
  ]);
}

/** Whether a Pod is still there whose logs are not kept yet. Once it is being removed, waiting is no use. */
function hasLogsToKeep({ objects }: Snapshot, run: Run): boolean {
  if (run.logs !== null) return false;
  return objects.some(
    (object) => object.kind === 'Pod' && !object.deleting && (run.startedAt !== null || object.container?.ran === true),
  );
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
