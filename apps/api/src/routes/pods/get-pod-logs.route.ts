// GET /pods/{pod_id}/logs: what the container wrote, and the history as lines for people (pods-api.md 3.8).
import { MalformedPodEventError } from '@pods/contracts';
import type { LivePod, LoggedEvent } from '@pods/domain-pods';
import { podAggregate, renderActionLog } from '@pods/domain-pods';
import type { RecordedEvent } from '@pods/event-store';
import { metaOf } from '@pods/event-store';
import type { ApiDeps } from '../../deps.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { refused } from '../../http/endpoint.ts';

export const getPodLogs = {
  access: 'pod',
  handle: async ({ pod }, deps) => {
    const [logs, actionLogs] = await Promise.all([deps.containerLogs.of(pod), actionLogsOf(pod, deps)]);
    if (logs === undefined) return refused({ code: 'ContainerLogsUnavailable' });
    return {
      kind: 'reply' as const,
      message: 'Pod logs retrieved successfully.',
      result: { logs, action_logs: actionLogs },
    };
  },
} satisfies Endpoint;

/** Read by index; the rendering leaves out earlier incarnations. Events of a newer version have no line yet. */
async function actionLogsOf(pod: LivePod, deps: ApiDeps): Promise<readonly string[]> {
  const recorded = await deps.log.read([pod.tenant, pod.podId], 1, pod.version);
  return renderActionLog(recorded.flatMap(readable));
}

function readable(stored: RecordedEvent): readonly LoggedEvent[] {
  try {
    const event = podAggregate.parse(stored);
    return event === undefined ? [] : [{ event, meta: metaOf(stored) }];
  } catch (error) {
    if (error instanceof MalformedPodEventError) return [];
    throw error;
  }
}
