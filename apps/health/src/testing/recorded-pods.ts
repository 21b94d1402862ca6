// Pods as a real cluster (Kubernetes 1.35.4, containerd 1.6) showed them, for specs: each file is one state, without
// managedFields. Labels of a run are put in by the spec.
import { readdirSync, readFileSync } from 'node:fs';
import type { Pod, RunIdentity } from '@pods/kube';
import { runAnnotations, runLabels } from '@pods/kube';

const folder = new URL('pods/', import.meta.url);

/** Names of all recorded states. */
export const recordedStates: readonly string[] = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));

/** The recorded Pod, as a Pod of the given run. */
export function recordedPod(state: string, identity: RunIdentity): Pod {
  const pod = parsePod(readFileSync(new URL(`${state}.json`, folder), 'utf8'));
  const { labels = {}, annotations = {} } = pod.metadata ?? {};
  const metadata = {
    ...pod.metadata,
    labels: { ...labels, ...runLabels(identity) },
    annotations: { ...annotations, ...runAnnotations(identity) },
  };
  return { ...pod, metadata };
}

function parsePod(text: string): Pod {
  // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- recorded from an API server
  return JSON.parse(text) as Pod;
}
