// What the cluster holds of this installation, by pod: watch caches of all kinds that a run may own, kept as one index.
import { podKeyToString } from '@pods/contracts';
import type { Informer, InformerOptions, KubeConnection, MetadataOnly } from '@pods/kube';
import { createInformer, createMetadataInformer, installationSelector } from '@pods/kube';
import type { OwnedKind } from './reconcile/pod/kinds.ts';
import type { PlacedObject } from './reconcile/pod/owned-object.ts';
import { readOwned } from './reconcile/pod/owned-object.ts';
import type { OwnedObject } from './reconcile/pod/snapshot.ts';

/** What a pass reads. Keys are `podKeyToString`. */
export interface ClusterView {
  readonly objectsOf: (key: string) => readonly OwnedObject[];
  /** Pods with at least one object. */
  readonly keys: () => readonly string[];
}

export interface ClusterCache extends ClusterView {
  /** Calls the listener after each change of a pod's objects. Returns a function that ends it. */
  readonly subscribe: (listener: (key: string) => void) => () => void;
  readonly whenCaughtUp: () => Promise<void>;
  /** When the least recently heard watch was last heard, milliseconds since 1970; undefined before all were. */
  readonly lastContactAt: () => number | undefined;
  readonly stop: () => Promise<void>;
}

export interface ClusterCacheOptions {
  readonly connection: KubeConnection;
  readonly namespace: string;
  readonly installation: string;
  readonly site: string;
  readonly onError: (error: unknown) => void;
}

/** Starts following the cluster. */
export function createClusterCache(options: ClusterCacheOptions): ClusterCache {
  const { connection, namespace, installation, site, onError } = options;
  const index = createIndex({ installation, site });
  const of: InformerOptions = { connection, namespace, labelSelector: installationSelector(installation), onError };
  // Values of Secrets never reach this process by watching; of the others nothing but labels is needed either.
  const informers: readonly Informer<MetadataOnly>[] = [
    index.follow('Pod', createInformer('Pod', of)),
    index.follow('Service', createInformer('Service', of)),
    index.follow('NetworkPolicy', createMetadataInformer('NetworkPolicy', of)),
    index.follow('Secret', createMetadataInformer('Secret', of)),
    index.follow('ConfigMap', createMetadataInformer('ConfigMap', of)),
  ];
  return {
    objectsOf: index.objectsOf,
    keys: index.keys,
    subscribe: index.subscribe,
    whenCaughtUp: async () => {
      await Promise.all(informers.map((informer) => informer.whenCaughtUp()));
    },
    lastContactAt: () => {
      const contacts = informers.map((informer) => informer.lastContactAt());
      return contacts.reduce(
        (oldest, at) => (oldest === undefined || at === undefined ? undefined : Math.min(oldest, at)),
        Infinity,
      );
    },
    stop: async () => {
      await Promise.all(informers.map((informer) => informer.stop()));
    },
  };
}

interface Index extends Pick<ClusterCache, 'objectsOf' | 'keys' | 'subscribe'> {
  readonly follow: <T extends MetadataOnly>(kind: OwnedKind, informer: Informer<T>) => Informer<T>;
}

/** Objects by pod. An object without readable labels of ours is left alone: it is nobody's here. */
function createIndex(ours: { readonly installation: string; readonly site: string }): Index {
  const byKey = new Map<string, Map<string, OwnedObject>>();
  const placeOf = new Map<string, string>();
  const listeners = new Set<(key: string) => void>();
  const onChange = (key: string): void => {
    for (const listener of listeners) listener(key);
  };
  const remove = (id: string): void => {
    const key = placeOf.get(id);
    if (key === undefined) return;
    placeOf.delete(id);
    const objects = byKey.get(key);
    objects?.delete(id);
    if (objects?.size === 0) byKey.delete(key);
    onChange(key);
  };
  const set = (id: string, { identity, object }: PlacedObject): void => {
    const key = podKeyToString(identity);
    if (placeOf.get(id) !== key) remove(id);
    placeOf.set(id, key);
    byKey.set(key, (byKey.get(key) ?? new Map<string, OwnedObject>()).set(id, object));
    onChange(key);
  };
  return {
    objectsOf: (key) => [...(byKey.get(key)?.values() ?? [])],
    keys: () => [...byKey.keys()],
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    follow: (kind, informer) => {
      informer.subscribe((change) => {
        const id = `${kind}/${change.object.metadata?.name ?? ''}`;
        const placed = change.kind === 'set' ? readOwned(kind, change.object) : undefined;
        const isOurs = placed?.identity.installation === ours.installation && placed.identity.site === ours.site;
        if (isOurs) set(id, placed);
        else remove(id);
      });
      return informer;
    },
  };
}
