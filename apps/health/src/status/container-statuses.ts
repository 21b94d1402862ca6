// The last observation of each pod's container, in the bucket that api reads. Only what differs is written. The bucket
// is watched, so that another process's writes are known here.
import { jetstream } from '@nats-io/jetstream';
import type { KV, KvWatchEntry } from '@nats-io/kv';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ContainerStatus } from '@pods/contracts';
import { containerStatusSchema } from '@pods/contracts';

export interface ContainerStatuses {
  readonly get: (key: string) => ContainerStatus | undefined;
  /** Keys of pods that have an entry. */
  readonly keys: () => readonly string[];
  /** Writes when it differs from what the bucket holds. True when it wrote. */
  readonly put: (key: string, status: ContainerStatus) => Promise<boolean>;
  readonly remove: (key: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const suffix = '.observed';
const loadMsMax = 10_000;

/** Opens the bucket and reads all entries; creates nothing, buckets belong to infra. */
export async function openContainerStatuses(nc: NatsConnection, bucket: string): Promise<ContainerStatuses> {
  const kv = await new Kvm(jetstream(nc)).open(bucket, { allow_direct: true });
  const entries = new Map<string, ContainerStatus>();
  const watching = await watch(kv, entries);
  return {
    get: (key) => entries.get(key),
    keys: () => entries.keys().toArray(),
    put: async (key, status) => {
      if (isSameStatus(entries.get(key), status)) return false;
      await kv.put(`${key}${suffix}`, JSON.stringify(status));
      entries.set(key, status);
      return true;
    },
    remove: async (key) => {
      if (!entries.has(key)) return;
      await kv.purge(`${key}${suffix}`);
      entries.delete(key);
    },
    close: watching.close,
  };
}

/** Resolves when the entries that were there are read. */
async function watch(kv: KV, entries: Map<string, ContainerStatus>): Promise<{ readonly close: () => Promise<void> }> {
  const filter = `*.*${suffix}`;
  const loaded = Promise.withResolvers<void>();
  const changes = await kv.watch({ key: filter });
  const follow = async (): Promise<void> => {
    for await (const entry of changes) {
      apply(entries, entry);
      // The last of those that were there counts as an update already.
      if (entry.isUpdate) loaded.resolve();
    }
  };
  const following = follow();
  // An empty bucket gives no entry that could say so.
  if (await isEmpty(kv, filter)) loaded.resolve();
  // Without them all statuses are written anew, which costs time and nothing else.
  const giveUp = setTimeout(loaded.resolve, loadMsMax);
  await loaded.promise;
  clearTimeout(giveUp);
  return {
    close: async () => {
      changes.stop();
      await following;
    },
  };
}

async function isEmpty(kv: KV, filter: string): Promise<boolean> {
  const keys: string[] = [];
  for await (const key of await kv.keys(filter)) keys.push(key);
  return keys.length === 0;
}

function apply(entries: Map<string, ContainerStatus>, entry: KvWatchEntry): void {
  const key = entry.key.slice(0, -suffix.length);
  const status = entry.operation === 'PUT' ? parse(entry.string()) : undefined;
  if (status === undefined) entries.delete(key);
  else entries.set(key, status);
}

/** What does not have our shape is as good as missing: it is written anew. */
function parse(text: string): ContainerStatus | undefined {
  try {
    return containerStatusSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether two statuses show the same. */
export function isSameStatus(a: ContainerStatus | undefined, b: ContainerStatus): boolean {
  return (
    a !== undefined &&
    a.incarnation === b.incarnation &&
    a.run === b.run &&
    a.phase === b.phase &&
    a.startTime === b.startTime &&
    a.message === b.message &&
    a.ready === b.ready
  );
}
