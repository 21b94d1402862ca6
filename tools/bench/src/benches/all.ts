// Every bench there is, in the order of the table.
import type { Bench } from '../bench.ts';
import { routeLive } from './f-route-live/bench.ts';

export const benches: readonly Bench[] = [routeLive];
