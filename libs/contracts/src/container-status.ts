// The last observation of a pod's container, kept apart from the history: readiness flapping and messages are
// no events (architecture.md section 4, rule 9).
import { z } from 'zod';

/** Written by health (`observed`) and spawner (`progress`) under the key `<tenant>.<pod id>.<writer>`. */
export const containerStatusSchema = z.object({
  incarnation: z.int().min(0),
  /** 0 while no run is open. */
  run: z.int().min(0),
  /** Kubernetes' phase, or `Waiting` while the platform itself waits for something. */
  phase: z.string(),
  startTime: z.string().nullable(),
  message: z.string(),
  ready: z.boolean().nullable(),
});
export type ContainerStatus = z.infer<typeof containerStatusSchema>;
export const containerStatusWriters = ['observed', 'progress'] as const;
export type ContainerStatusWriter = (typeof containerStatusWriters)[number];
