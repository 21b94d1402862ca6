// The last observations of containers, by pod: what health saw and what spawner waits for. A map fed by a watch.
import type { ContainerStatusWriter, PodKey } from '@pods/contracts';
import { containerStatusSchema, containerStatusWriters, podKeyToString, subjectTokenPattern } from '@pods/contracts';
import type { ContainerViews } from '@pods/domain-pods';

export interface ContainerStatusMap {
  readonly of: (key: PodKey) => ContainerViews;
  /** Takes in one entry of the bucket; undefined bytes for a deleted one. Anything unreadable is left out. */
  readonly apply: (bucketKey: string, value: Uint8Array | undefined) => void;
}

/** An empty map. */
export function createContainerStatusMap(): ContainerStatusMap {
  const byPod = new Map<string, ContainerViews>();
  return {
    of: (key) => byPod.get(podKeyToString(key)) ?? {},
    apply: (bucketKey, value) => {
      const parsed = parseKey(bucketKey);
      if (parsed === undefined) return;
      const before = byPod.get(parsed.pod) ?? {};
      const status = value === undefined ? undefined : parseStatus(value);
      const after = { ...before, [parsed.writer]: status };
      if (after.observed === undefined && after.progress === undefined) byPod.delete(parsed.pod);
      else byPod.set(parsed.pod, after);
    },
  };
}

/** `<tenant>.<pod id>.<writer>`. */
function parseKey(bucketKey: string): { readonly pod: string; readonly writer: ContainerStatusWriter } | undefined {
  const [tenant = '', podId = '', last = '', ...rest] = bucketKey.split('.');
  const writer = containerStatusWriters.find((known) => known === last);
  if (writer === undefined || rest.length > 0) return undefined;
  if (!subjectTokenPattern.test(tenant) || !subjectTokenPattern.test(podId)) return undefined;
  return { pod: podKeyToString({ tenant, podId }), writer };
}

function parseStatus(value: Uint8Array): ContainerViews['observed'] {
  try {
    return containerStatusSchema.safeParse(JSON.parse(new TextDecoder().decode(value))).data;
  } catch {
    return undefined;
  }
}
