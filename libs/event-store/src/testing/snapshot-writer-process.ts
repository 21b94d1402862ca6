// A process that keeps a snapshot of tallies, for specs that kill it: node snapshot-writer-process.ts URL PREFIX
import { connect } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { podHistories } from '../history-names.ts';
import { openNatsLog } from '../nats/nats-log.ts';
import { createReplica } from '../replica/create-replica.ts';
import { createSnapshotWriter } from '../replica/snapshot-writer.ts';
import { tallyAggregate } from './tally.ts';

const [url, prefix] = process.argv.slice(2);
if (url === undefined || prefix === undefined) throw new Error('which server, which prefix?');
const topologyNames = topology(prefix);
const names = podHistories(topologyNames);
const nc = await connect({ servers: url });
const log = await openNatsLog({ nc, names });
const bucket = topologyNames.buckets.podState;
const replica = createReplica({ nc, names, aggregate: tallyAggregate, log, snapshotBucket: bucket });
createSnapshotWriter({ nc, bucket, replica, delayMs: 20, changesMax: 50 });
await replica.caughtUp;
process.send?.('ready');
