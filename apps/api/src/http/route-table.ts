// Every route of the API: method, path, who may use it, operation. What is not here does not exist, and nothing is
// served without passing the guard that reads this table.
import type { Level } from '@pods/domain-pods';
import { isReservedId } from '../reserved-ids.ts';

/** Who may use a route: everybody, any caller with a valid token, or callers with a level on the pod in the path. */
export type RouteAccess =
  | { readonly kind: 'public' }
  | { readonly kind: 'caller' }
  | { readonly kind: 'pod'; readonly level: Level };

export interface Route {
  /** The name that clients know it by (clients.md section 8). */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Template after the optional prefix /v3, as `/pods/{pod_id}`. */
  readonly path: string;
  readonly access: RouteAccess;
  /** Has a JSON body. */
  readonly body?: true;
  /** Changes something, although the method may be GET. */
  readonly changes?: true;
}

const everybody: RouteAccess = { kind: 'public' };
const anyCaller: RouteAccess = { kind: 'caller' };
const onPod = (level: Level): RouteAccess => ({ kind: 'pod', level });

/** Levels: pods-api.md section 2. The first match counts, so literal paths come before `{pod_id}`. */
export const routeTable = [
  { operation: 'healthcheck', method: 'GET', path: '/healthcheck', access: everybody },
  { operation: 'error_handler', method: 'GET', path: '/error-handler/{status}', access: everybody },
  { operation: 'openapi_document', method: 'GET', path: '/openapi.json', access: everybody },
  { operation: 'openapi_document_below_pods', method: 'GET', path: '/pods/openapi.json', access: everybody },
  { operation: 'docs_page', method: 'GET', path: '/docs', access: everybody },
  { operation: 'docs_asset', method: 'GET', path: '/docs/{asset}', access: everybody },
  { operation: 'docs_page_below_pods', method: 'GET', path: '/pods/docs', access: everybody },
  { operation: 'docs_asset_below_pods', method: 'GET', path: '/pods/docs/{asset}', access: everybody },

  { operation: 'ensure_jupyter_pod', method: 'GET', path: '/pods/jupyter/ensure', access: anyCaller },
  { operation: 'upload_to_jupyter', method: 'POST', path: '/pods/jupyter/{pod_id}/upload', access: anyCaller },
  { operation: 'list_clusters', method: 'GET', path: '/pods/clusters', access: anyCaller },
  { operation: 'create_cluster', method: 'POST', path: '/pods/clusters', access: anyCaller },
  { operation: 'get_cluster', method: 'GET', path: '/pods/clusters/{cluster_id}', access: anyCaller },
  { operation: 'delete_cluster', method: 'DELETE', path: '/pods/clusters/{cluster_id}', access: anyCaller },

  { operation: 'list_pods', method: 'GET', path: '/pods', access: anyCaller },
  { operation: 'create_pod', method: 'POST', path: '/pods', access: anyCaller, body: true, changes: true },
  { operation: 'get_pod', method: 'GET', path: '/pods/{pod_id}', access: onPod('READ') },
  {
    operation: 'update_pod',
    method: 'PUT',
    path: '/pods/{pod_id}',
    access: onPod('USER'),
    body: true,
    changes: true,
  },
  { operation: 'delete_pod', method: 'DELETE', path: '/pods/{pod_id}', access: onPod('ADMIN'), changes: true },
  { operation: 'start_pod', method: 'GET', path: '/pods/{pod_id}/start', access: onPod('ADMIN'), changes: true },
  { operation: 'stop_pod', method: 'GET', path: '/pods/{pod_id}/stop', access: onPod('ADMIN'), changes: true },
  { operation: 'restart_pod', method: 'GET', path: '/pods/{pod_id}/restart', access: onPod('ADMIN'), changes: true },
  { operation: 'get_pod_logs', method: 'GET', path: '/pods/{pod_id}/logs', access: onPod('READ') },
] as const satisfies readonly Route[];

export type Operation = (typeof routeTable)[number]['operation'];

/** The row of an operation. */
export function routeOf(operation: Operation): Route {
  const route: Route | undefined = routeTable.find((row) => row.operation === operation);
  if (route === undefined) throw new Error(`no route for ${operation}`);
  return route;
}

/**
 * Methods that some route has for this path, for `Allow`; empty for an unknown path. Ids that name families of routes are
 * no pods: what the API does not offer below them is unknown.
 */
export function methodsOf(path: string): readonly string[] {
  const first = routeTable.find((route) => matches(route, path))?.path;
  const rows = routeTable.filter((route) => route.path === first);
  return [...new Set(rows.map((route) => route.method))];
}

/** Whether a request to `path`, as it came in, is one for this row's template. */
export function matches(route: Pick<Route, 'path'>, path: string): boolean {
  const [wanted, given] = [route.path.split('/'), path.split('/')];
  if (wanted.length !== given.length) return false;
  return wanted.every((part, index) => {
    const text = given[index] ?? '';
    if (part === '{pod_id}') return text !== '' && !isReservedId(decoded(text));
    return part.startsWith('{') ? text !== '' : part === text;
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
