// What every request passes before its endpoint sees it, by its row of the route table: who is asking, admin mode,
// whether this process may answer, and the level on the pod in the path. Denies by default.
import type { PodKey } from '@pods/contracts';
import { podIdPattern } from '@pods/contracts';
import type { LivePod } from '@pods/domain-pods';
import { accessOf, isLive } from '@pods/domain-pods';
import type { Caller } from '@pods/identity';
import type { ApiDeps } from '../deps.ts';
import type { ApiRefusal } from '../errors/refusal.ts';
import type { CallerRequest, PodRequest, PublicRequest } from './endpoint.ts';

export type Guarded<Request> =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly refusal: ApiRefusal };

const denied = (refusal: ApiRefusal): { readonly ok: false; readonly refusal: ApiRefusal } => ({ ok: false, refusal });

/** Finds out who is asking. The request's body is empty still. */
export async function guardCaller(request: PublicRequest, deps: ApiDeps): Promise<Guarded<CallerRequest>> {
  const authentication = await deps.authenticator.authenticate({
    token: request.header('x-tapis-token'),
    host: request.header('host'),
    onBehalfOfTenant: request.header('x-tapis-tenant'),
    onBehalfOfUser: request.header('x-tapis-user'),
  });
  if (authentication.kind === 'refused') return denied(authentication.refusal);
  const { caller } = authentication;
  const askServiceAdmin = (): Promise<boolean> => deps.roles.isServiceAdmin(caller.tenant.tenantId, caller.user);
  const wantsAdminMode = request.header('x-pods-admin') === 'true';
  if (wantsAdminMode && !(await askServiceAdmin())) return denied({ code: 'NotServiceAdmin', user: caller.user });
  return {
    ok: true,
    request: {
      ...request,
      caller,
      isServiceAdmin: wantsAdminMode,
      adminMode: wantsAdminMode,
      askServiceAdmin,
      body: {},
    },
  };
}

/** Checks the caller's level on the pod in the path; a pod that may not be read is answered as a missing one. */
export async function guardPod(request: CallerRequest, deps: ApiDeps): Promise<Guarded<PodRequest>> {
  const { access } = request.route;
  const podId = request.params['pod_id'] ?? '';
  if (access.kind !== 'pod') throw new Error(`${request.route.path} is guarded for a pod but names no level`);
  // In one turn with the reading: what is read is then as new as the lease promises.
  if (!deps.freshness.mayShow()) return denied({ code: 'NotServing' });
  const pod = findPod(deps, request.caller, podId);
  if (pod === undefined) return denied({ code: 'PodNotFound', podId });
  const key: PodKey = { tenant: pod.tenant, podId };
  const caller = { user: request.caller.user, isServiceAdmin: request.isServiceAdmin };
  const verdict = accessOf(pod.permissions, caller, access.level);
  if (verdict === 'allowed') return { ok: true, request: { ...request, key, pod } };
  // The roles are asked only now that they make a difference.
  if (await request.askServiceAdmin()) return { ok: true, request: { ...request, isServiceAdmin: true, key, pod } };
  if (verdict === 'invisible') return denied({ code: 'PodNotFound', podId });
  const { method, path } = request.route;
  return denied({ code: 'NotAllowed', method, route: path, needs: access.level });
}

function findPod(deps: ApiDeps, caller: Caller, podId: string): LivePod | undefined {
  if (!podIdPattern.test(podId)) return undefined;
  const state = deps.pods.get([caller.tenant.tenantId, podId])?.state;
  return state !== undefined && isLive(state) ? state : undefined;
}
