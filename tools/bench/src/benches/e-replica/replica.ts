// What a program with a replica is told and what it answers.
import { z } from 'zod';

export const replicaInput = z.object({
  natsUrl: z.string(),
  prefix: z.string(),
  /** False: the whole stream is replayed. */
  usesSnapshot: z.boolean(),
  /** Whether the snapshot bucket is filled from the replica afterwards. */
  fillsSnapshot: z.boolean(),
});

export const replicaAnswer = z.object({
  /** From the first request to the moment in which the replica is complete. */
  startMs: z.number(),
  pods: z.int(),
  appliedSeq: z.int(),
  /** What the replica added to the process, after the garbage was collected. */
  heapBytes: z.number(),
  residentBytes: z.number(),
});
export type ReplicaAnswer = z.infer<typeof replicaAnswer>;
