// Follows the bucket of container observations into memory, for as long as the app runs. A watch that breaks is begun
// again; what is shown meanwhile is the last that was seen.
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from '@pods/service';
import { pause } from '@pods/service';
import type { ContainerStatusMap } from './container-status.ts';

export interface WatchOptions {
  readonly nc: NatsConnection;
  readonly bucket: string;
  readonly map: Pick<ContainerStatusMap, 'apply'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const retryMs = 1000;

/** Runs until the signal aborts. */
export async function watchContainerStatus(options: WatchOptions): Promise<void> {
  const { nc, log, signal } = options;
  const isOver = (): boolean => signal.aborted || nc.isClosed();
  while (!isOver()) {
    try {
      await watchOnce(options);
    } catch (err) {
      if (!isOver()) log.warn({ err, component: 'container-status' }, 'a watch broke and is begun again');
    }
    await pause(retryMs, signal).catch(() => undefined);
  }
}

async function watchOnce({ nc, bucket, map, signal }: WatchOptions): Promise<void> {
  const kv = await new Kvm(nc).open(bucket);
  const entries = await kv.watch();
  const stop = (): void => entries.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const entry of entries) map.apply(entry.key, entry.operation === 'PUT' ? entry.value : undefined);
  } finally {
    signal.removeEventListener('abort', stop);
    entries.stop();
  }
}
