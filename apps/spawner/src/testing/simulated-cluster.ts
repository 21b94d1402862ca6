// A cluster in memory for simulations: keeps objects by kind and name as an API server does (names taken once, UIDs,
// preconditions, Pods that take their time to end), with a view that may lag behind. What a real API server does beyond
// that is the int specs' business.
import type { Kind, KindTypes, KubeClient, Labelled } from '@pods/kube';
import { KubeError } from '@pods/kube';
import type { ClusterView } from '../cluster-cache.ts';
import type { OwnedKind } from '../reconcile/pod/kinds.ts';
import { ownedKinds } from '../reconcile/pod/kinds.ts';
import { readOwned } from '../reconcile/pod/owned-object.ts';
import type { OwnedObject } from '../reconcile/pod/snapshot.ts';

interface Stored {
  metadata: Labelled & {
    name: string;
    uid: string;
    deletionTimestamp?: string;
    ownerReferences?: readonly { readonly uid: string }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

export interface SimulatedCluster {
  readonly kube: Pick<KubeClient, 'create' | 'apply' | 'get' | 'delete'>;
  /** What the cache has: the objects as they were at the last `sync`. */
  readonly view: ClusterView;
  readonly sync: () => void;
  /** Names as `kind/name`. */
  readonly names: () => readonly string[];
  readonly uidOf: (kind: OwnedKind, name: string) => string | undefined;
  /** Ends containers of Pods that are being removed. */
  readonly endPods: () => void;
  /** Takes an object away, whatever it was doing. */
  readonly vanish: (kind: OwnedKind, name: string) => void;
  /** Removes objects whose owner is gone. */
  readonly collect: () => void;
  readonly setStatus: (name: string, status: Record<string, unknown>) => void;
  /** Puts an object of somebody else there. */
  readonly putForeign: (kind: OwnedKind, name: string) => void;
}

export function createSimulatedCluster(): SimulatedCluster {
  const stored = new Map<string, Stored>();
  let cached = new Map<string, Stored>();
  let uids = 0;
  const idOf = (kind: Kind, name: string): string => `${kind}/${name}`;
  const isOwnedKind = (kind: string): kind is OwnedKind => ownedKinds.some((owned) => owned === kind);

  const add = (kind: Kind, object: object): Stored => {
    const draft = as<Stored>(structuredClone(object));
    const id = idOf(kind, draft.metadata.name);
    if (stored.has(id)) throw new KubeError('AlreadyExists', `${id} already exists`, { status: 409 });
    uids += 1;
    draft.metadata.uid = `uid-${uids}`;
    if (kind === 'Service') draft.spec = { clusterIP: `198.19.0.${uids}`, ...draft.spec };
    stored.set(id, draft);
    return draft;
  };

  const remove = (kind: Kind, name: string, uid: string): 'deleting' | 'gone' | 'replaced' => {
    const object = stored.get(idOf(kind, name));
    if (object === undefined) return 'gone';
    if (object.metadata.uid !== uid) return 'replaced';
    if (kind === 'Pod') object.metadata.deletionTimestamp = 'now';
    else stored.delete(idOf(kind, name));
    return 'deleting';
  };

  const apply = (kind: Kind, object: object, uid: string | undefined): Stored => {
    const draft = as<Stored>(structuredClone(object));
    const there = stored.get(idOf(kind, draft.metadata.name));
    if (there === undefined || there.metadata.uid !== uid)
      throw new KubeError('Conflict', 'another UID', { status: 409 });
    there.metadata = { ...there.metadata, ...draft.metadata, uid: there.metadata.uid };
    return there;
  };

  const readAll = (): readonly { readonly key: string; readonly object: OwnedObject }[] =>
    [...cached].flatMap(([id, object]) => {
      const kind = id.slice(0, id.indexOf('/'));
      const read = isOwnedKind(kind) ? readOwned(kind, as<KindTypes[OwnedKind]>(object)) : undefined;
      return read === undefined ? [] : [{ key: `${read.identity.tenant}.${read.identity.podId}`, object: read.object }];
    });

  return {
    kube: {
      create: async (kind, object) => as(structuredClone(add(kind, object))),
      apply: async (kind, object, { uid } = {}) => as(structuredClone(apply(kind, object, uid))),
      get: async (kind, name) => as(structuredClone(stored.get(idOf(kind, name)))),
      delete: async (kind, name, { uid }) => remove(kind, name, uid),
    },
    view: {
      objectsOf: (key) => readAll().flatMap((entry) => (entry.key === key ? [entry.object] : [])),
      keys: () => [...new Set(readAll().map((entry) => entry.key))],
    },
    sync: () => {
      cached = structuredClone(stored);
    },
    names: () => [...stored.keys()].toSorted(),
    uidOf: (kind, name) => stored.get(idOf(kind, name))?.metadata.uid,
    endPods: () => {
      for (const [id, object] of stored) if (object.metadata.deletionTimestamp !== undefined) stored.delete(id);
    },
    vanish: (kind, name) => stored.delete(idOf(kind, name)),
    collect: () => {
      const living = new Set([...stored.values()].map((object) => object.metadata.uid));
      for (const [id, { metadata }] of stored) {
        const owners = metadata.ownerReferences ?? [];
        if (owners.length > 0 && !owners.some((owner) => living.has(owner.uid))) stored.delete(id);
      }
    },
    setStatus: (name, status) => {
      const pod = stored.get(idOf('Pod', name));
      if (pod !== undefined) pod.status = status;
    },
    putForeign: (kind, name) => {
      add(kind, { metadata: { name } });
    },
  };
}

/** The twin keeps what it was given: the shape is the caller's. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what it is for
function as<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- see above
  return value as T;
}
