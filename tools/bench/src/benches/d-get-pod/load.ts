// What the load generator is told and what it answers.
import { z } from 'zod';

export const loadInput = z.object({
  url: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  connections: z.int().min(1),
  seconds: z.number(),
});

export const loadAnswer = z.object({
  perSecond: z.number(),
  /** Share of the time in which the generator itself was busy: near 1 it is the generator that was measured. */
  generatorBusy: z.number(),
});
export type LoadAnswer = z.infer<typeof loadAnswer>;
