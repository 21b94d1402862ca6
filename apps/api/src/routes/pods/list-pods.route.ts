// GET /pods: the pods of the tenant on which the caller has an entry of their own; all of them in admin mode
// (pods-api.md 3.1).
import type { LivePod } from '@pods/domain-pods';
import { isLive } from '@pods/domain-pods';
import type { ApiDeps } from '../../deps.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { refused } from '../../http/endpoint.ts';
import { problemLines } from '../../requests/problem.ts';
import { derivedMetadata, listPodsQuery, parseQuery } from './flags.ts';
import { podResult } from './pod-reply.ts';

export const listPods = {
  access: 'caller',
  handle: (request, deps) => {
    const flags = parseQuery(listPodsQuery, request.query);
    if (!flags.ok) return refused({ code: 'InvalidRequest', lines: problemLines(flags.problems) });
    const { caller, adminMode } = request;
    const all = podsOf(caller.tenant.tenantId, deps);
    const own = all.filter((pod) => hasOwnEntry(pod, caller.user));
    return {
      kind: 'reply',
      message: 'Pods retrieved successfully.',
      result: (adminMode ? all : own).map((pod) => podResult(pod, deps)),
      metadata: { ...derivedMetadata(flags.value), ...(adminMode ? adminContext(own) : {}) },
    };
  },
} satisfies Endpoint;

function podsOf(tenant: string, deps: ApiDeps): readonly LivePod[] {
  const prefix = `${tenant}.`;
  const pods: LivePod[] = [];
  for (const [key, { state }] of deps.pods.entries()) if (key.startsWith(prefix) && isLive(state)) pods.push(state);
  return pods.toSorted((a, b) => (a.podId < b.podId ? -1 : 1));
}

const listedLevels = ['READ', 'USER', 'ADMIN', 'APPROVEDADMIN'];

/** Entries for everybody do not put a pod on anybody's list. */
function hasOwnEntry(pod: LivePod, user: string): boolean {
  return listedLevels.some((level) => pod.permissions.includes(`${user}:${level}`));
}

function adminContext(own: readonly LivePod[]): Readonly<Record<string, unknown>> {
  return {
    admin_context: {
      admin_mode: true,
      user_accessible_ids: own.map((pod) => pod.podId),
      msg: 'Admin mode: all pods of the tenant are listed. user_accessible_ids are those of your own.',
    },
  };
}
