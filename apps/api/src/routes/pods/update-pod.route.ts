// PUT /pods/{pod_id} (pods-api.md 3.4).
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
          : { message: 'Pod updated successfully.', metadata: { note: restartNote } }),
      };
      return reply;
    },
  } satisfies Endpoint;
}
