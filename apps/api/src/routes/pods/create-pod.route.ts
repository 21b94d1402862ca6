// POST /pods (pods-api.md 3.2).
import { changePod } from '../../changes/change-pod.ts';
import type { Endpoint, Reply } from '../../http/endpoint.ts';
import { refused } from '../../http/endpoint.ts';
import type { CreatePodParser } from '../../requests/create-pod.ts';
import { problemLines } from '../../requests/problem.ts';
import { podResult } from './pod-reply.ts';

/** The endpoint, with the installation's limits in `parse`. */
export function createPod(parse: CreatePodParser) {
  return {
    access: 'caller',
    handle: async (request, deps) => {
      const { tenant } = request.caller;
      const parsed = parse(request.body, new URL(tenant.baseUrl).hostname);
      if (!parsed.ok) return refused({ code: 'InvalidRequest', lines: problemLines(parsed.problems) });
      const key = { tenant: tenant.tenantId, podId: parsed.value.podId };
      const outcome = await changePod(request, deps, key, ({ caller }) => ({
        type: 'CreatePod',
        caller,
        tenant: tenant.tenantId,
        site: tenant.siteId,
        ...parsed.value,
      }));
      if (outcome.kind === 'refused') return outcome;
      if (outcome.pod === undefined) return refused({ code: 'PodNotFound', podId: key.podId });
      const reply: Reply = {
        kind: 'reply',
        message: 'Pod created successfully.',
        result: podResult(outcome.pod, deps),
        version: outcome.version,
      };
      return reply;
    },
  } satisfies Endpoint;
}
