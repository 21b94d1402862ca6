// GET /pods/{pod_id}/start, /stop and /restart (pods-api.md 3.10): wishes; spawner and health do the rest.
import { changePod } from '../../changes/change-pod.ts';
import type { ApiDeps } from '../../deps.ts';
import type { Endpoint, Outcome, PodRequest, Refused, Reply } from '../../http/endpoint.ts';
import { refused } from '../../http/endpoint.ts';
import { problemLines } from '../../requests/problem.ts';
import { parseQuery, restartPodQuery, stopPodQuery } from './flags.ts';
import { neededLevel } from './needed-level.ts';
import { podResult } from './pod-reply.ts';

type Wish = 'StartPod' | 'StopPod' | 'RestartPod';

const messages: Readonly<Record<Wish, string>> = {
  StartPod: "Updated pod's status_requested to ON and requested pod.",
  StopPod: "Updated pod's status_requested to OFF.",
  RestartPod: "Updated pod's status_requested to RESTART.",
};

export const startPod = {
  access: 'pod',
  handle: (request, deps) => wish('StartPod', request, deps),
} satisfies Endpoint;
export const stopPod = {
  access: 'pod',
  handle: (request, deps) => wrongFlags(stopPodQuery, request) ?? wish('StopPod', request, deps),
} satisfies Endpoint;

/** `grab_latest_template_tag` is of no effect on a pod without a template. */
export const restartPod = {
  access: 'pod',
  handle: (request, deps) => wrongFlags(restartPodQuery, request) ?? wish('RestartPod', request, deps),
} satisfies Endpoint;

/** A refusal for flags that are none; none of them changes anything yet. */
function wrongFlags(schema: typeof stopPodQuery | typeof restartPodQuery, { query }: PodRequest): Refused | undefined {
  const flags = parseQuery(schema, query);
  return flags.ok ? undefined : refused({ code: 'InvalidRequest', lines: problemLines(flags.problems) });
}

async function wish(type: Wish, request: PodRequest, deps: ApiDeps): Promise<Outcome> {
  const needs = neededLevel(request.route);
  const outcome = await changePod(request, deps, request.key, (by) => ({ type, ...by, needs }));
  if (outcome.kind === 'refused') return outcome;
  if (outcome.pod === undefined) return refused({ code: 'PodNotFound', podId: request.key.podId });
  const reply: Reply = {
    kind: 'reply',
    message: messages[type],
    result: podResult(outcome.pod, deps),
    version: outcome.version,
  };
  return reply;
}
