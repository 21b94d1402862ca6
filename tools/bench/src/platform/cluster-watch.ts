// What a watch of our own sees of Pods, on this process's clock: the yardstick for what the apps do between two changes of
// the cluster, because their own watches see each change in the same moment.
import { connect, createInformer, createKubeClient } from '@pods/kube';
import type { KubeClient, Pod } from '@pods/kube';
import type { PlatformInfo } from '@pods/testing/servers';

/** What a Pod comes to, in this order. */
export type Moment = 'created' | 'running' | 'gone';

export interface ClusterWatch {
  /** An administrator's calls in the namespace of the pods. */
  readonly kube: KubeClient;
  /** When this watch saw, or sees, a Pod of this name come so far (`performance.now()`). @throws Error after a minute. */
  readonly when: (name: string, moment: Moment) => Promise<number>;
  /** The Pod as last seen. */
  readonly get: (name: string) => Pod | undefined;
  readonly close: () => Promise<void>;
}

const patienceMs = 60_000;

/** Starts watching; resolves once it knows what is there. Names are to be used once. */
export async function watchCluster(info: PlatformInfo): Promise<ClusterWatch> {
  const connection = connect(info.kubeconfigFile);
  const informer = createInformer('Pod', { connection, namespace: info.namespace });
  const seen = new Map<string, PromiseWithResolvers<number>>();
  const momentOf = (name: string, moment: Moment): PromiseWithResolvers<number> => {
    const key = `${moment} ${name}`;
    const known = seen.get(key) ?? Promise.withResolvers<number>();
    seen.set(key, known);
    return known;
  };
  await informer.whenCaughtUp();
  informer.subscribe(({ kind, object }) => {
    const now = performance.now();
    const name = object.metadata?.name ?? '';
    momentOf(name, 'created').resolve(now);
    if (isRunning(object)) momentOf(name, 'running').resolve(now);
    if (kind === 'removed') momentOf(name, 'gone').resolve(now);
  });
  return {
    kube: createKubeClient(connection, { namespace: info.namespace, fieldManager: 'pods-bench' }),
    get: informer.get,
    when: (name, moment) => withPatience(momentOf(name, moment).promise, `${name} is not ${moment}`),
    close: informer.stop,
  };
}

function isRunning({ status }: Pod): boolean {
  return status?.containerStatuses?.some(({ state }) => state?.running !== undefined) === true;
}

async function withPatience<T>(awaited: Promise<T>, message: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`${message} after ${patienceMs / 1000} s`));
  }, patienceMs);
  try {
    return await Promise.race([awaited, promise]);
  } finally {
    clearTimeout(timer);
  }
}
