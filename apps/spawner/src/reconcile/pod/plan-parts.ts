// Pieces that several rules of plan.ts share. Pure.
import type { LivePod } from '@pods/domain-pods';
import type { Action, Plan, SpawnPolicy } from './actions.ts';
import type { OwnedObject } from './snapshot.ts';

/** Nothing to do until something changes. */
export const nothing: Plan = { actions: [], progress: null, lookAgain: null, alarm: null };

/** Whether the pod's history does not know the run that this object was made for. */
export function isAheadOf(pod: LivePod, object: OwnedObject): boolean {
  return object.incarnation > pod.incarnation || object.run > pod.lastRun;
}

/** Reason of a loss that came with a restart of the machine or of its container runtime (`platformEndOf` tells). */
export const restartReason = 'MachineRestarted';

/** Nothing to do for now. */
export function idle(progress: string | null, afterMs: number, reason: string): Plan {
  return { ...nothing, progress, lookAgain: { afterMs, reason } };
}

/** Removes these objects and waits until they are gone. `progress` is told while there is something to wait for. */
export function without(objects: readonly OwnedObject[], progress: string | null, policy: SpawnPolicy): Plan {
  if (objects.length === 0) return nothing;
  return { ...whenPodsAreGone(objects, policy, progress, []), progress };
}

/**
 * Removes Pods, waits for them, then removes the rest with the anchors last, then does what follows. A Pod that is
 * already being removed is not asked again: that would shorten its time to end.
 */
export function whenPodsAreGone(
  objects: readonly OwnedObject[],
  policy: SpawnPolicy,
  progress: string | null,
  then: readonly Action[],
): Plan {
  const lookAgain = { afterMs: policy.recheckMs, reason: 'waiting for objects to be removed' };
  const pods = objects.filter((object) => object.kind === 'Pod');
  if (pods.length > 0) return { ...nothing, actions: removals(pods), progress, lookAgain };
  const anchors = objects.filter((object) => object.kind === 'ConfigMap');
  const rest = objects.filter((object) => object.kind !== 'ConfigMap');
  const actions = [...removals(rest), ...removals(anchors), ...then];
  return { ...nothing, actions, lookAgain: objects.length === 0 ? null : lookAgain };
}

function removals(objects: readonly OwnedObject[]): readonly Action[] {
  return objects
    .filter((object) => !object.deleting)
    .map(({ kind, name, uid }) => ({ type: 'Delete', kind, name, uid }));
}
