// The comparison of (b): the very Pod that spawner makes, created by hand, without the labels by which it would be ours.
import type { Pod, Secret } from '@pods/kube';
import type { ClusterWatch } from '../../platform/cluster-watch.ts';

export interface PlainPods {
  /** Creates what the Pod needs to be there before it: a Secret of its own, as the kubelet has not met before. */
  readonly prepare: (name: string) => Promise<void>;
  /** Creates a prepared Pod and resolves when it runs. @returns milliseconds from the call's start. */
  readonly runningAfterMs: (name: string) => Promise<number>;
  /** Deletes it; resolves when it is gone. */
  readonly remove: (name: string) => Promise<void>;
}

type PodSpec = NonNullable<Pod['spec']>;

/**
 * @param template a Pod of the platform that runs.
 * @throws Error when it has not the form that spawner gives to Pods.
 */
export async function plainPods({ kube, when, get }: ClusterWatch, template: Pod): Promise<PlainPods> {
  const { spec } = template;
  const secretName = spec?.containers[0]?.env?.[0]?.valueFrom?.secretKeyRef?.name;
  const secret = secretName === undefined ? undefined : await kube.get('Secret', secretName);
  if (spec === undefined || secret === undefined) throw new Error('a Pod of the platform has no Secret any more');
  return {
    prepare: async (name) => {
      await kube.create('Secret', copyOf(secret, name));
    },
    runningAfterMs: async (name) => {
      const start = performance.now();
      await kube.create('Pod', { metadata: { name }, spec: specFor(name, spec) });
      return (await when(name, 'running')) - start;
    },
    remove: async (name) => {
      const uid = get(name)?.metadata?.uid;
      if (uid === undefined) throw new Error(`there is no Pod ${name} to delete`);
      await kube.delete('Pod', name, { uid });
      await when(name, 'gone');
      const own = await kube.get('Secret', name);
      if (own?.metadata?.uid !== undefined) await kube.delete('Secret', name, { uid: own.metadata.uid });
    },
  };
}

function copyOf({ type, immutable, data }: Secret, name: string): Secret {
  return {
    metadata: { name },
    ...(type === undefined ? {} : { type }),
    ...(immutable === undefined ? {} : { immutable }),
    ...(data === undefined ? {} : { data }),
  };
}

/** As spawner sent it, with the Secret of the copy, and without the node that the scheduler chose. */
function specFor(name: string, { nodeName: _chosen, containers, ...rest }: PodSpec): PodSpec {
  return {
    ...rest,
    containers: containers.map(({ env = [], ...container }) => ({
      ...container,
      env: env.map((variable) => {
        const key = variable.valueFrom?.secretKeyRef?.key;
        return key === undefined ? variable : { name: variable.name, valueFrom: { secretKeyRef: { name, key } } };
      }),
    })),
  };
}
