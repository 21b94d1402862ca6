// The recorded Pods as this app sees them, all of one run.
import type { RunIdentity } from '@pods/kube';
import { observe } from '../reconcile/pod/observe.ts';
import type { ObservedPod } from '../reconcile/pod/observed-pod.ts';
import { recordedPod } from './recorded-pods.ts';

/** The run that {@link observedAs} gives them. */
export const observedRun: RunIdentity = {
  installation: 'spec',
  site: 'local',
  tenant: 'dev',
  podId: 'docpod',
  incarnation: 1,
  run: 1,
};

/** What is seen of a recorded state. */
export function observedAs(state: string): ObservedPod {
  const found = observe(observedRun.installation, recordedPod(state, observedRun));
  if (found === undefined) throw new Error(`${state} is no Pod of ours`);
  return found.pod;
}
