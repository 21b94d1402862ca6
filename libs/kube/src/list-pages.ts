// Lists a collection page by page and gives it as one, with the resource version from which a watch goes on.
import type { KubeConnection } from './connection.ts';
import { translate } from './connection.ts';
import { KubeError } from './errors.ts';

export interface ListedObjects<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface ListRequest {
  readonly connection: KubeConnection;
  readonly path: string;
  readonly labelSelector?: string | undefined;
  readonly accept?: string | undefined;
  readonly signal: AbortSignal;
}

const pageSize = 500;
const pageDeadlineMs = 30_000;

/** All objects of a collection. @throws KubeError `Gone` when the pages grew too old between two requests. */
export async function listPages<T>(request: ListRequest): Promise<ListedObjects<T>> {
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const page = await onePage<T>(request, next);
    items.push(...(page.items ?? []));
    const { continue: more = '', resourceVersion } = page.metadata;
    if (more === '') return { items, resourceVersion };
    next = more;
  }
}

interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  /** Null in an empty list of metadata. */
  readonly items: readonly T[] | null;
}

async function onePage<T>(request: ListRequest, next: string | undefined): Promise<Page<T>> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(pageDeadlineMs)]);
  const query = { labelSelector: request.labelSelector, limit: pageSize, continue: next };
  try {
    const answer = await request.connection.send({
      method: 'GET',
      path: request.path,
      query,
      accept: request.accept,
      signal,
    });
    return asPage<T>(await answer.json());
  } catch (error) {
    throw translate(error, request.connection.server, signal);
  }
}

function asPage<T>(answer: unknown): Page<T> {
  const isObject = typeof answer === 'object' && answer !== null;
  if (!isObject || !('metadata' in answer) || !('items' in answer)) {
    throw new KubeError('Unexpected', 'the API server answered no list');
  }
  // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the edge where JSON gets its type
  return answer as unknown as Page<T>;
}
