// PUT /pods/{pod_id} (pods-api.md 3.4).
import type { PodDefinition } from '@pods/contracts';
import { needsReplacement, openRunOf } from '@pods/domain-pods';
import type { Changed } from '../../changes/change-pod.ts';
import { changePod } from '../../changes/change-pod.ts';
import type { Endpoint, Reply } from '../../http/endpoint.ts';
import { refused } from '../../http/endpoint.ts';
import { problemLines } from '../../requests/problem.ts';
import type { UpdatePodParser } from '../../requests/update-pod.ts';
import { neededLevel } from './needed-level.ts';
import { podResult } from './pod-reply.ts';

const restartNote = [
  'The pod was changed, its running container was not.',
  'Restart the pod for the changes to take effect.',
];

/** Fields that a container gets when it is made; the others act at once. */
const containerFields: ReadonlySet<string> = new Set<keyof PodDefinition>([
  'image',
  'command',
  'arguments',
  'environment_variables',
  'networking',
  'resources',
  'compute_queue',
]);

/** Said where it helps: something changed that the run lacks, and the run is to stay. */
function noteOf({ pod, event }: Changed): Readonly<Record<string, unknown>> {
  if (pod === undefined || event?.type !== 'PodUpdated') return {};
  const stays = openRunOf(pod) !== null && !needsReplacement(pod);
  return stays && Object.keys(event.changes).some((field) => containerFields.has(field)) ? { note: restartNote } : {};
}

/** The endpoint, with the installation's limits in `parse`. */
export function updatePod(parse: UpdatePodParser) {
  return {
    access: 'pod',
    handle: async (request, deps) => {
      const { podId } = request.key;
      const tenantHostName = new URL(request.caller.tenant.baseUrl).hostname;
      const parsed = parse(request.body, { podId, tenantHostName });
      if (!parsed.ok) return refused({ code: 'InvalidRequest', lines: problemLines(parsed.problems) });
      const needs = neededLevel(request.route);
      const outcome = await changePod(request, deps, request.key, (by) => ({
        type: 'UpdatePod',
        ...by,
        needs,
        ...parsed.value,
      }));
      if (outcome.kind === 'refused') return outcome;
      if (outcome.pod === undefined) return refused({ code: 'PodNotFound', podId });
      const reply: Reply = {
        kind: 'reply',
        result: podResult(outcome.pod, deps),
        version: outcome.version,
        ...(outcome.kind === 'unchanged'
          ? {
              softError: true,
              message: 'Incoming data made no changes to pod. Is incoming data equal to current data?',
            }
          : { message: 'Pod updated successfully.', metadata: noteOf(outcome) }),
      };
      return reply;
    },
  } satisfies Endpoint;
}
