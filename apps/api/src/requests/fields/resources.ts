// `resources`: millicpu, Mi and counts with the installation's defaults and bounds (pods-api.md 4.4).
import { z } from '@hono/zod-openapi';
import type { Resources } from '@pods/contracts';
import { laxIntegerOr } from '../lax.ts';

/** Inclusive bounds and defaults of a request and limit pair. */
export interface RangeSetting {
  readonly min: number;
  readonly max: number;
  readonly request: number;
  readonly limit: number;
}

export interface ResourceSettings {
  /** Millicpu. */
  readonly cpu: RangeSetting;
  /** Mi. */
  readonly mem: RangeSetting;
  /** Mi; defaults of -1 leave it unset, and then -1 may be sent. */
  readonly ephemeralStorage: RangeSetting;
  readonly gpus: { readonly max: number; readonly default: number };
}

/** The values of pods-api.md 4.4. */
export const defaultResourceSettings: ResourceSettings = {
  cpu: { min: 250, max: 6000, request: 250, limit: 2000 },
  mem: { min: 256, max: 12_288, request: 256, limit: 3072 },
  ephemeralStorage: { min: 64, max: 18_432, request: -1, limit: -1 },
  gpus: { max: 1, default: 0 },
};

type Sink = (field: keyof Resources, rule: string) => void;

/** The body's form: every key filled in; `compute_queue` may stand here too (decisions.md, pods C2). */
export function resourcesSchema(settings: ResourceSettings) {
  const { cpu, mem, ephemeralStorage: storage, gpus } = settings;
  return z
    .strictObject({
      cpu_request: laxIntegerOr(cpu.request).openapi({ description: 'Millicpu that the pod is promised.' }),
      cpu_limit: laxIntegerOr(cpu.limit).openapi({ description: 'Millicpu that the pod may use.' }),
      mem_request: laxIntegerOr(mem.request).openapi({ description: 'Mi of memory that the pod is promised.' }),
      mem_limit: laxIntegerOr(mem.limit).openapi({ description: 'Mi of memory that the pod may use.' }),
      ephemeral_storage_request: laxIntegerOr(storage.request).openapi({
        description: 'Mi of disk that the pod is promised; -1 leaves it unset.',
      }),
      ephemeral_storage_limit: laxIntegerOr(storage.limit).openapi({
        description: 'Mi of disk that the pod may use; -1 leaves it unset.',
      }),
      gpus: laxIntegerOr(gpus.default).openapi({ description: 'Number of GPUs.' }),
      compute_queue: z.string().optional().openapi({ description: 'The same as the field of the pod.' }),
    })
    .superRefine((resources, context) => {
      checkResources(resources, settings, (field, rule) => {
        context.addIssue({ code: 'custom', path: [field], message: `Value error, ${rule}` });
      });
    });
}

function checkResources(resources: Resources, settings: ResourceSettings, report: Sink): void {
  checkPair(resources, ['cpu_request', 'cpu_limit'], settings.cpu, report);
  checkPair(resources, ['mem_request', 'mem_limit'], settings.mem, report);
  checkPair(resources, ['ephemeral_storage_request', 'ephemeral_storage_limit'], settings.ephemeralStorage, report);
  const { gpus } = resources;
  if (gpus < 0 || gpus > settings.gpus.max) report('gpus', `must be from 0 to ${settings.gpus.max} (got ${gpus})`);
}

function checkPair(
  resources: Resources,
  [requestField, limitField]: readonly [keyof Resources, keyof Resources],
  range: RangeSetting,
  report: Sink,
): void {
  const mayBeUnset = range.request === -1 || range.limit === -1;
  const outside = [requestField, limitField].filter((field) => {
    const value = resources[field];
    return !(mayBeUnset && value === -1) && (value < range.min || value > range.max);
  });
  for (const field of outside) {
    const unset = mayBeUnset ? '-1, or ' : '';
    report(field, `must be ${unset}from ${range.min} to ${range.max} (got ${resources[field]})`);
  }
  const [request, limit] = [resources[requestField], resources[limitField]];
  // Of values that cannot stand the relation is no further mistake.
  if (outside.length === 0 && request !== -1 && limit !== -1 && request > limit) {
    report(requestField, `must not exceed ${limitField} (${request} is more than ${limit})`);
  }
}
