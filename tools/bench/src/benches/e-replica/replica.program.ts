// A process with one replica and nothing else, as every app has one: how long until it is complete, and what it takes.
// Runs with --expose-gc.
import { connect } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { podAggregate } from '@pods/domain-pods';
import { createReplica, createSnapshotWriter, openNatsLog, podHistories } from '@pods/event-store';
import { childAnswer, childInput } from '../../servers/child-program.ts';
import { replicaInput } from './replica.ts';

function memoryAfterCollection(): { readonly heap: number; readonly resident: number } {
  if (globalThis.gc === undefined) throw new Error('start this program with --expose-gc');
  // The first collection runs finalizers, which may leave more to collect.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

const { natsUrl, prefix, usesSnapshot, fillsSnapshot } = childInput(replicaInput);
const names = topology(prefix);
const histories = podHistories(names);
const nc = await connect({ servers: natsUrl });
const log = await openNatsLog({ nc, names: histories });
const before = memoryAfterCollection();
const from = performance.now();
const replica = createReplica({
  nc,
  names: histories,
  aggregate: podAggregate,
  log,
  ...(usesSnapshot && { snapshotBucket: names.buckets.podState }),
  onTrouble: (what, error) => console.error(what, error),
});
const snapshots = fillsSnapshot
  ? createSnapshotWriter({
      nc,
      bucket: names.buckets.podState,
      replica,
      onTrouble: (error) => console.error(error),
    })
  : undefined;
await replica.caughtUp;
const startMs = performance.now() - from;
const after = memoryAfterCollection();
await snapshots?.flush();
await snapshots?.close();
await replica.close();
await nc.close();
childAnswer({
  startMs,
  pods: replica.size,
  appliedSeq: replica.appliedSeq,
  heapBytes: after.heap - before.heap,
  residentBytes: after.resident - before.resident,
});
