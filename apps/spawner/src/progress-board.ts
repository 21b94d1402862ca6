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

/** A board that opens its bucket when it is first needed, and again when that failed. */
export function createProgressBoard({ nc, bucket, onError }: ProgressBoardOptions): ShowProgress {
  let opening: Promise<Board> | undefined;
  const open = async (): Promise<Board> => {
    try {
      return await openBoard(nc, bucket);
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  return async (pod, status) => {
    const key = `${podKeyToString(pod)}${suffix}`;
    try {
      opening ??= open();
      const { kv, shown } = await opening;
      if (status === null) await remove(kv, shown, key);
      else await write(kv, shown, key, JSON.stringify(status));
    } catch (error) {
      onError(error);
    }
  };
}

interface Board {
  readonly kv: KV;
  /** What the bucket holds, as far as it is known here. */
  readonly shown: Map<string, string>;
}

/** Learns which pods have an entry, so that those of an earlier process are taken away too. */
async function openBoard(nc: NatsConnection, bucket: string): Promise<Board> {
  const kv = await new Kvm(jetstream(nc, { timeout: timeoutMs })).open(bucket, { allow_direct: true });
  const shown = new Map<string, string>();
  for await (const key of await kv.keys(`*.*${suffix}`)) shown.set(key, '');
  return { kv, shown };
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
