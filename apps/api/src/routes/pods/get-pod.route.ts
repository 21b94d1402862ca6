// GET /pods/{pod_id} (pods-api.md 3.3).
import type { Endpoint } from '../../http/endpoint.ts';
import { refused } from '../../http/endpoint.ts';
import { problemLines } from '../../requests/problem.ts';
import { derivedMetadata, getPodQuery, parseQuery } from './flags.ts';
import { podResult } from './pod-reply.ts';

export const getPod = {
  access: 'pod',
  handle: (request, deps) => {
    const flags = parseQuery(getPodQuery, request.query);
    if (!flags.ok) return refused({ code: 'InvalidRequest', lines: problemLines(flags.problems) });
    return {
      kind: 'reply',
      message: 'Pod retrieved successfully.',
      result: podResult(request.pod, deps),
      metadata: derivedMetadata(flags.value),
      version: request.pod.version,
    };
  },
} satisfies Endpoint;
