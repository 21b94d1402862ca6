// Single calls to the API server: create, apply, get, list, delete, each with a deadline and a typed error.
import type { KubeConnection } from './connection.ts';
import { translate } from './connection.ts';
import { KubeError } from './errors.ts';
import type { Kind, KindTypes } from './kinds.ts';
import { kinds, pathOf } from './kinds.ts';

export interface CallOptions {
  /** Ends the call before its deadline. */
  readonly signal?: AbortSignal | undefined;
}

export interface ApplyOptions extends CallOptions {
  /** Applies to the object with this UID only; another one answers Conflict. */
  readonly uid?: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Deletes the object with this UID only. */
  readonly uid: string;
  readonly gracePeriodSeconds?: number | undefined;
}

export interface ListOptions extends CallOptions {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/**
 * `deleting`: accepted, the object may still be there for a while. `gone`: it was not there.
 * `replaced`: another object has the name by now; nothing was done.
 */
export type DeleteOutcome = 'deleting' | 'gone' | 'replaced';

/** Calls in one namespace. Every call throws {@link KubeError}, or what its signal was aborted with. */
export interface KubeClient {
  readonly namespace: string;
  /** Creates an object. @throws KubeError AlreadyExists, Invalid, Forbidden … */
  readonly create: <K extends Kind>(kind: K, object: KindTypes[K], options?: CallOptions) => Promise<KindTypes[K]>;
  /** Server-side apply under this client's field manager, taking over fields of others. */
  readonly apply: <K extends Kind>(kind: K, object: KindTypes[K], options?: ApplyOptions) => Promise<KindTypes[K]>;
  /** Reads from the API server itself, never from a cache; undefined when there is no such object. */
  readonly get: <K extends Kind>(kind: K, name: string, options?: CallOptions) => Promise<KindTypes[K] | undefined>;
  readonly list: <K extends Kind>(kind: K, options?: ListOptions) => Promise<readonly KindTypes[K][]>;
  readonly delete: (kind: Kind, name: string, options: DeleteOptions) => Promise<DeleteOutcome>;
  /** Sends any JSON to a sub-resource of an object, such as `status` or `token`. */
  readonly subresource: (request: SubresourceRequest) => Promise<unknown>;
}

export interface SubresourceRequest extends CallOptions {
  readonly kind: Kind;
  readonly name: string;
  readonly subresource: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly body: unknown;
}

export interface KubeClientOptions {
  readonly namespace: string;
  /** Who writes, for server-side apply: one name per app. */
  readonly fieldManager: string;
  /** Milliseconds that one call may take. */
  readonly deadlineMs?: number | undefined;
}

const deadlineMsByDefault = 10_000;

/** A client for one namespace over an open connection. */
export function createKubeClient(connection: KubeConnection, options: KubeClientOptions): KubeClient {
  const { namespace, fieldManager, deadlineMs = deadlineMsByDefault } = options;
  const call = async (request: Call, { signal }: CallOptions = {}): Promise<unknown> => {
    const deadline = AbortSignal.timeout(deadlineMs);
    const both = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
    const answer = await connection.send({ ...request, signal: both });
    try {
      return await answer.json();
    } catch (error) {
      throw translate(error, connection.server, both);
    }
  };
  // Unknown or misspelt fields are an error, never dropped.
  const writing = { fieldManager, fieldValidation: 'Strict' };
  return {
    namespace,
    create: async (kind, object, callOptions) =>
      typed(
        kind,
        await call(
          { method: 'POST', path: pathOf(kind, namespace), query: writing, body: complete(kind, object) },
          callOptions,
        ),
      ),
    apply: async (kind, object, { uid, ...callOptions } = {}) => {
      const full = complete(kind, object);
      const body = uid === undefined ? full : { ...full, metadata: { ...object.metadata, uid } };
      const path = pathOf(kind, namespace, requireName(object));
      const query = { ...writing, force: true };
      const applied = call({ method: 'PATCH', path, query, body, contentType: applyPatch }, callOptions);
      return typed(kind, await conflictForOtherUid(applied, uid));
    },
    get: async (kind, name, callOptions) => {
      const found = await unless('NotFound', call({ method: 'GET', path: pathOf(kind, namespace, name) }, callOptions));
      return found === undefined ? undefined : typed(kind, found);
    },
    list: async (kind, { labelSelector, fieldSelector, ...callOptions } = {}) => {
      const query = { labelSelector, fieldSelector };
      return itemsOf(kind, await call({ method: 'GET', path: pathOf(kind, namespace), query }, callOptions));
    },
    delete: (kind, name, { uid, gracePeriodSeconds, signal }) =>
      deleteOne((request) => call(request, { signal }), pathOf(kind, namespace, name), {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions: { uid },
        propagationPolicy: 'Background',
        ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      }),
    subresource: ({ kind, name, subresource, method, body, signal }) => {
      const path = `${pathOf(kind, namespace, name)}/${subresource}`;
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : undefined;
      return call({ method, path, query: { fieldManager }, body, contentType }, { signal });
    },
  };
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
}

const applyPatch = 'application/apply-patch+yaml';

async function deleteOne(
  call: (request: Call) => Promise<unknown>,
  path: string,
  body: object,
): Promise<DeleteOutcome> {
  try {
    await call({ method: 'DELETE', path, body });
    return 'deleting';
  } catch (error) {
    if (error instanceof KubeError && error.code === 'NotFound') return 'gone';
    if (error instanceof KubeError && error.code === 'Conflict') return 'replaced';
    throw error;
  }
}

/** The server calls a wrong UID an invalid change of the field `metadata.uid`. */
async function conflictForOtherUid(applied: Promise<unknown>, uid: string | undefined): Promise<unknown> {
  try {
    return await applied;
  } catch (error) {
    const other = error instanceof KubeError && error.code === 'Invalid' && error.message.includes('metadata.uid:');
    throw uid !== undefined && other ? new KubeError('Conflict', error.message, { status: 409, cause: error }) : error;
  }
}

async function unless(code: string, answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.code === code) return undefined;
    throw error;
  }
}

function complete(kind: Kind, object: object): object {
  return { ...object, apiVersion: kinds[kind].apiVersion, kind };
}

function requireName(object: { readonly metadata?: { readonly name?: string } }): string {
  const name = object.metadata?.name;
  if (name === undefined) throw new TypeError('an object without a name cannot be applied');
  return name;
}

/** The API server vouches for the shape of what it answers: it was validated when it was written. */
export function typed<K extends Kind>(_kind: K, answer: unknown): KindTypes[K] {
  // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the edge where JSON gets its type
  return answer as KindTypes[K];
}

function itemsOf<K extends Kind>(kind: K, answer: unknown): readonly KindTypes[K][] {
  const items: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'items') : undefined;
  return Array.isArray(items) ? items.map((item: unknown) => typed(kind, item)) : [];
}
