// The comparison of (b): the very Pod that spawner makes, created by hand, without the labels by which it would be ours.
import type { Pod } from '@pods/kube';
import type { ClusterWatch } from '../../platform/cluster-watch.ts';

export interface PlainPods {
  /** Creates a Pod and resolves when it runs. @returns milliseconds from the call's start. */
  readonly runningAfterMs: (name: string) => Promise<number>;
  /** Deletes it; resolves when it is gone. */
  readonly remove: (name: string) => Promise<void>;
}

/** @param template a Pod of the platform that runs, and goes on to: its Secret is used by the copies. */
export function plainPods(watch: ClusterWatch, template: Pod): PlainPods {
  const spec = specOf(template);
  return {
    runningAfterMs: async (name) => {
      const start = performance.now();
      await watch.kube.create('Pod', { metadata: { name }, spec });
      return (await watch.when(name, 'running')) - start;
    },
    remove: async (name) => {
      const uid = watch.get(name)?.metadata?.uid;
      if (uid === undefined) throw new Error(`there is no Pod ${name} to delete`);
      await watch.kube.delete('Pod', name, { uid });
      await watch.when(name, 'gone');
    },
  };
}

/** As it was sent: without what scheduler and defaults have added that a second Pod may not have. */
function specOf({ metadata, spec }: Pod): NonNullable<Pod['spec']> {
  if (spec === undefined) throw new Error(`${metadata?.name} has no spec`);
  const { nodeName: _scheduled, ...rest } = spec;
  return rest;
}
