// A connection to the specs' nats-server with all streams and buckets of one fresh prefix.
import type { NatsConnection } from '@nats-io/nats-core';
import type { Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import { localSizes, provisionNats } from '@pods/provision';
import { connectNats, createLogger } from '@pods/service';
import { freshPrefix } from '@pods/testing';
import { inject, onTestFinished } from 'vitest';

const mib = 1024 * 1024;

export interface SpecNats {
  readonly nc: NatsConnection;
  readonly names: Topology;
}

/** `podLogs`: size of the bucket of archived logs, bytes. Closed when the test ends. */
export async function specNats(podLogs = 64 * mib): Promise<SpecNats> {
  const names = topology(freshPrefix());
  const log = createLogger({ app: 'spec', level: 'silent' });
  const nc = await connectNats({ app: 'spec', url: inject('natsUrl'), log, signal: AbortSignal.timeout(10_000) });
  onTestFinished(() => nc.close());
  const maxBytes = { ...localSizes, podEvents: 64 * mib, podLogs };
  await provisionNats(nc, { names, replicas: 1, maxBytes });
  return { nc, names };
}
