// The cluster's Pods of this installation and site, by pod key, as a watch keeps them.
import type { PodKey } from '@pods/contracts';
import { podKeyToString } from '@pods/contracts';
import type { Informer, KubeConnection, Pod } from '@pods/kube';
import { createInformer, installationSelector, objectName } from '@pods/kube';
import type { Observation } from '../reconcile/pod/observe.ts';
import { observe } from '../reconcile/pod/observe.ts';
import type { ObservedPod } from '../reconcile/pod/observed-pod.ts';

export interface ClusterPods {
  readonly get: (key: PodKey) => ObservedPod | null;
  readonly keys: () => readonly string[];
  /** Called after each change with what is there now; null when it went. Returns a function that ends it. */
  readonly subscribe: (listener: (key: string, seen: ObservedPod | null) => void) => () => void;
  readonly isCaughtUp: () => boolean;
  readonly whenCaughtUp: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface ClusterPodsOptions {
  readonly connection: KubeConnection;
  readonly namespace: string;
  readonly installation: string;
  readonly site: string;
  readonly onError: (error: unknown) => void;
}

const keyOf = ({ identity: { tenant, podId } }: Observation): string => podKeyToString({ tenant, podId });

/** Starts to watch. */
export function followClusterPods(options: ClusterPodsOptions): ClusterPods {
  const { connection, namespace, installation, site, onError } = options;
  const informer: Informer<Pod> = createInformer('Pod', {
    connection,
    namespace,
    labelSelector: installationSelector(installation),
    onError,
  });
  const ours = (pod: Pod): Observation | undefined => {
    const found = observe(installation, pod);
    return found?.identity.site === site ? found : undefined;
  };
  return {
    get: (key) => {
      const pod = informer.get(objectName({ installation, site, ...key }));
      const found = pod === undefined ? undefined : ours(pod);
      return found !== undefined && keyOf(found) === podKeyToString(key) ? found.pod : null;
    },
    keys: () =>
      informer
        .list()
        .flatMap((pod) => ours(pod) ?? [])
        .map(keyOf),
    subscribe: (listener) =>
      informer.subscribe(({ kind, object }) => {
        const found = ours(object);
        if (found !== undefined) listener(keyOf(found), kind === 'removed' ? null : found.pod);
      }),
    isCaughtUp: informer.caughtUp,
    whenCaughtUp: informer.whenCaughtUp,
    stop: informer.stop,
  };
}
