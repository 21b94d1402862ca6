// DELETE /pods/{pod_id} (pods-api.md 3.5). What is left in the cluster is removed by spawner.
import { changePod } from '../../changes/change-pod.ts';
import type { Endpoint, Reply } from '../../http/endpoint.ts';
import { refused } from '../../http/endpoint.ts';
import { problemLines } from '../../requests/problem.ts';
import { deletePodQuery, parseQuery } from './flags.ts';
import { neededLevel } from './needed-level.ts';

export const deletePod = {
  access: 'pod',
  handle: async (request, deps) => {
    const flags = parseQuery(deletePodQuery, request.query);
    if (!flags.ok) return refused({ code: 'InvalidRequest', lines: problemLines(flags.problems) });
    const needs = neededLevel(request.route);
    const outcome = await changePod(request, deps, request.key, (by) => ({ type: 'DeletePod', ...by, needs }));
    if (outcome.kind === 'refused') return outcome;
    const reply: Reply = {
      kind: 'reply',
      message: 'Pod successfully deleted.',
      result: '',
      version: outcome.version,
    };
    return reply;
  },
} satisfies Endpoint;
