// Every bench there is, in the order of the table.
import type { Bench } from '../bench.ts';
import { apiToCluster } from './a-api-to-cluster/bench.ts';
import { createToAvailable } from './b-create/bench.ts';
import { appendBench } from './c-append/bench.ts';
import { getPodBench } from './d-get-pod/bench.ts';
import { replicaBench } from './e-replica/bench.ts';
import { routeLive } from './f-route-live/bench.ts';
import { readYourWritesBench } from './g-read-your-writes/bench.ts';

export const benches: readonly Bench[] = [
  apiToCluster,
  createToAvailable,
  appendBench,
  getPodBench,
  replicaBench,
  routeLive,
  readYourWritesBench,
];
