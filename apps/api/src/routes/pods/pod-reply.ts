// A pod as the result of a reply.
import type { LivePod, PodView } from '@pods/domain-pods';
import { viewPod } from '@pods/domain-pods';
import type { ApiDeps } from '../../deps.ts';

/** The display shape, with what was last seen of the container. */
export function podResult(pod: LivePod, deps: Pick<ApiDeps, 'containerStatus' | 'settings'>): PodView {
  const seen = deps.containerStatus({ tenant: pod.tenant, podId: pod.podId });
  return viewPod(pod, seen, deps.settings.statusWords);
}
