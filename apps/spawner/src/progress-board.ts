// What the platform waits for, per pod, in the bucket that api reads. Never history, and never in the way: what cannot
// be written is told to the log and forgotten.
import { jetstream } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ContainerStatus, PodKey } from '@pods/contracts';
import { podKeyToString } from '@pods/contracts';

/** Shows what a pod waits for; null takes it away. Writes only what differs. Never rejects. */
export type ShowProgress = (key: PodKey, status: ContainerStatus | null) => Promise<void>;

export interface ProgressBoardOptions {
  readonly nc: NatsConnection;
  readonly bucket: string;
  readonly onError: (error: unknown) => void;
}

const suffix = '.progress';
const timeoutMs = 2000;

/** Opens the bucket and learns which pods have an entry, so that those of an earlier process are taken away too. */
export async function openProgressBoard({ nc, bucket, onError }: ProgressBoardOptions): Promise<ShowProgress> {
  const kv = await new Kvm(jetstream(nc, { timeout: timeoutMs })).open(bucket, { allow_direct: true });
  const shown = new Map<string, string>();
  for await (const key of await kv.keys(`*.*${suffix}`)) shown.set(key, '');
  return async (pod, status) => {
    const key = `${podKeyToString(pod)}${suffix}`;
    try {
      if (status === null) await remove(kv, shown, key);
      else await write(kv, shown, key, JSON.stringify(status));
    } catch (error) {
      onError(error);
    }
  };
}

async function write(kv: KV, shown: Map<string, string>, key: string, text: string): Promise<void> {
  if (shown.get(key) === text) return;
  await kv.put(key, text);
  shown.set(key, text);
}

async function remove(kv: KV, shown: Map<string, string>, key: string): Promise<void> {
  if (!shown.has(key)) return;
  await kv.purge(key);
  shown.delete(key);
}
