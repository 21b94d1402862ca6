// Everything that can be set about spawner, read once.
import type { Environment } from '@pods/service';
import { commonSettings, durationMs, loadConfig, natsSettings } from '@pods/service';
import { z } from 'zod';
import type { ComputeQueue } from './reconcile/pod/manifests/input.ts';

/** A whole number within limits (inclusive). */
function count(min: number, max: number): z.ZodType<number, string> {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule);
}

const cidr = z.union([z.cidrv4(), z.cidrv6()]);

/** Address blocks, separated by commas. */
const cidrs = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine(
    (blocks) => blocks.every((block) => cidr.safeParse(block).success),
    'must be blocks such as 10.0.0.0/8, separated by commas',
  );

/** Kubernetes' own form of a label: an optional domain before the name. */
const nodeLabel =
  /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?,[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

/** A queue as the documentation has it (runtime.md 2.6). */
const queueSchema = z
  .strictObject({
    queue_name: z.string().min(1),
    node_selector: z.string().regex(nodeLabel, 'must be "key,value" of a node label').optional(),
    tolerations: z
      .array(
        z.strictObject({
          key: z.string().optional(),
          operator: z.enum(['Exists', 'Equal']).optional(),
          value: z.string().optional(),
          effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
        }),
      )
      .default([]),
    gpu_resources: z
      .array(z.strictObject({ activation_resource: z.string().min(1), max_gpu_request: z.int().min(0) }))
      .default([]),
  })
  .transform((queue): readonly [string, ComputeQueue] => {
    const [label, value] = queue.node_selector?.split(',') ?? [];
    return [
      queue.queue_name,
      {
        nodeSelector: label === undefined || value === undefined ? {} : { [label]: value },
        tolerations: queue.tolerations,
        gpuResources: queue.gpu_resources.map((gpu) => ({
          activationResource: gpu.activation_resource,
          gpusMax: gpu.max_gpu_request,
        })),
      },
    ];
  });

const queuesRule = 'must be a JSON list of queues with different names, one of them "default"';

const queues = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.issues.push({ code: 'custom', message: queuesRule, input: undefined });
      return z.NEVER;
    }
  })
  .pipe(z.array(queueSchema))
  .transform((list, context): Readonly<Record<string, ComputeQueue>> => {
    const byName = Object.fromEntries(list);
    if (byName['default'] !== undefined && Object.keys(byName).length === list.length) return byName;
    context.issues.push({ code: 'custom', message: queuesRule, input: undefined });
    return z.NEVER;
  });

const settings = z
  .object({
    ...commonSettings,
    ...natsSettings,
    PODS_INSTALLATION_ID: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, "_" and "-", at most 64'),
    KUBECONFIG_FILE: z.string().min(1, 'must name a kubeconfig file'),
    KUBE_NAMESPACE: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a name of a namespace')
      .default('pods'),
    COMPUTE_QUEUES: queues.prefault('[{"queue_name":"default"}]'),
    /** Where requests of the edge come from; by default the local cluster's node. */
    EDGE_CIDRS: cidrs.prefault('198.18.0.1/32'),
    /** What no pod may reach: by default metadata services and the local cluster's node and API server. */
    DENIED_CIDRS: cidrs.prefault('169.254.169.254/32,fd00:ec2::254/128,198.18.0.1/32,198.19.0.1/32'),
    GRACE_PERIOD: durationMs({ minMs: 0, maxMs: 3_600_000 }).prefault('10s'),
    LOGS_WAIT: durationMs({ maxMs: 10_000 }).prefault('10s'),
    SPAWN_ATTEMPTS_MAX: count(1, 100).prefault('5'),
    SPAWN_RETRY_MIN: durationMs({ minMs: 100 }).prefault('2s'),
    SPAWN_RETRY_MAX: durationMs({ minMs: 100 }).prefault('1m'),
    LOSSES_MAX: count(1, 100).prefault('5'),
    LOSS_RETRY_MIN: durationMs({ minMs: 100 }).prefault('2s'),
    LOSS_RETRY_MAX: durationMs({ minMs: 100 }).prefault('5m'),
    FULL_PASS_EVERY: durationMs({ minMs: 1000, maxMs: 86_400_000 }).prefault('5m'),
    ORPHAN_PODS_MAX: count(0, 1_000_000).prefault('0'),
    ORPHAN_PERCENT_MAX: count(0, 100).prefault('50'),
    PASSES_AT_ONCE: count(1, 256).prefault('16'),
  })
  .refine((all) => all.SPAWN_RETRY_MIN <= all.SPAWN_RETRY_MAX, 'SPAWN_RETRY_MIN must not be above SPAWN_RETRY_MAX')
  .refine((all) => all.LOSS_RETRY_MIN <= all.LOSS_RETRY_MAX, 'LOSS_RETRY_MIN must not be above LOSS_RETRY_MAX')
  .transform((all) => ({
    site: all.PODS_SITE,
    prefix: all.PODS_PREFIX,
    installation: all.PODS_INSTALLATION_ID,
    ops: { host: all.OPS_HOST, port: all.OPS_PORT },
    nats: { url: all.NATS_URL, seed: all.NATS_NKEY_SEED_FILE },
    kube: { kubeconfigFile: all.KUBECONFIG_FILE, namespace: all.KUBE_NAMESPACE },
    manifests: {
      queues: all.COMPUTE_QUEUES,
      gracePeriodSeconds: Math.ceil(all.GRACE_PERIOD / 1000),
      edgeCidrs: all.EDGE_CIDRS,
      deniedCidrs: all.DENIED_CIDRS,
    },
    policy: {
      attemptsMax: all.SPAWN_ATTEMPTS_MAX,
      retry: { minMs: all.SPAWN_RETRY_MIN, maxMs: all.SPAWN_RETRY_MAX },
      lossesMax: all.LOSSES_MAX,
      lossRetry: { minMs: all.LOSS_RETRY_MIN, maxMs: all.LOSS_RETRY_MAX },
      logsWaitMs: all.LOGS_WAIT,
      recheckMs: 15_000,
    },
    orphans: { podsMax: all.ORPHAN_PODS_MAX, shareMax: all.ORPHAN_PERCENT_MAX / 100 },
    fullPassEveryMs: all.FULL_PASS_EVERY,
    passesAtOnce: all.PASSES_AT_ONCE,
  }));

export type Config = Readonly<z.output<typeof settings>>;

/** @throws ConfigError naming every bad setting. */
export function readConfig(env: Environment): Config {
  return loadConfig(settings, env);
}
