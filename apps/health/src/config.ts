// Settings of this app, from the environment that main.ts hands in.
import { logLineBytesMax } from '@pods/kube';
import type { Environment } from '@pods/service';
import { commonSettings, durationMs, loadConfig, natsSettings } from '@pods/service';
import { z } from 'zod';

/** A whole number from `min` on. */
function count(min: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min, `must be ${min} or more`);
}

const minuteMs = 60_000;

const schema = z
  .object({
    ...commonSettings,
    ...natsSettings,
    PODS_INSTALLATION_ID: z.string().min(1),
    KUBECONFIG_FILE: z.string().min(1),
    KUBE_NAMESPACE: z.string().min(1).default('pods'),

    /** Failed pulls after which an image counts as unobtainable, and the time after which it does anyway. */
    PULL_ATTEMPTS: count(1).default(3),
    PULL_PATIENCE: durationMs({ minMs: 1000 }).default(2 * minuteMs),
    /** For a container that cannot be created, such as one whose Secret is not there yet. */
    START_PATIENCE: durationMs({ minMs: 1000 }).default(2 * minuteMs),
    /** How long a container may be prepared before the cluster is asked what holds it up. */
    WARN_AFTER: durationMs({ minMs: 100 }).default(5000),
    /** For a Pod that no node takes. */
    PLACEMENT_PATIENCE: durationMs({ minMs: 1000 }).default(10 * minuteMs),

    /** Newest output kept of each running container. */
    LOG_RING_BYTES: count(1024).default(10 * 1024 * 1024),
    /** Memory for the output of all containers together. */
    LOG_MEMORY_BYTES: count(1024).default(512 * 1024 * 1024),
    /** Archived logs kept of each pod. */
    LOG_RUNS_KEPT: count(1).default(3),
    LOG_SWEEP_EVERY: durationMs({ minMs: 1000 }).default(5 * minuteMs),
    /** Archives younger than this are never swept. */
    LOG_SWEEP_AGE: durationMs().default(5 * minuteMs),
    /** Below the time that spawner waits for an archive, which is 10 s. */
    LOG_ARCHIVE_HURRY: durationMs({ minMs: 100, maxMs: 9000 }).default(8000),

    RESYNC_EVERY: durationMs({ minMs: 10_000 }).default(5 * minuteMs),
    PASSES_AT_ONCE: count(1).default(32),
  })
  .refine((config) => config.LOG_RING_BYTES > logLineBytesMax, {
    path: ['LOG_RING_BYTES'],
    message: `must be more than ${logLineBytesMax}, the longest line that is kept whole`,
  })
  .refine((config) => config.LOG_MEMORY_BYTES >= config.LOG_RING_BYTES, {
    path: ['LOG_MEMORY_BYTES'],
    message: 'must not be less than LOG_RING_BYTES, what is kept of one container',
  });

export type Config = z.output<typeof schema>;

/** @throws ConfigError naming every bad setting. */
export function readConfig(env: Environment): Readonly<Config> {
  return loadConfig(schema, env);
}
