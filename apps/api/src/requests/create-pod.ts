// The body of POST /pods: its form, its rules, and the definition that comes of it (pods-api.md 3.2).
import { z } from '@hono/zod-openapi';
import type { PodDefinition } from '@pods/contracts';
import { defaultComputeQueue, sentComputeQueue } from './fields/compute-queue.ts';
import { defaultNetworking, networkingEntryRequest, withUrls } from './fields/networking.ts';
import { podIdProblems } from './fields/pod-id.ts';
import { resourcesSchema } from './fields/resources.ts';
import { timeToStopDefaultSeconds } from './fields/time-to-stop.ts';
import type { PodLimits } from './pod-body.ts';
import { modelProblems, podFields, sentFieldNames } from './pod-body.ts';
import type { Parsed } from './problem.ts';
import { parseWith } from './zod-problems.ts';

/** What a create asks for, with every default filled in. */
export interface CreatePodRequest {
  readonly podId: string;
  readonly definition: PodDefinition;
  readonly modifiedFields: readonly string[];
  readonly statusRequested: 'ON' | 'OFF';
}

/** The form of the body. */
export function newPodSchema(limits: PodLimits) {
  const fields = podFields(limits);
  const network = networkingEntryRequest.parse(defaultNetworking.default);
  return z.strictObject({
    pod_id: z.string().openapi({ description: 'Lower-case letters and digits, a letter first, 3 to 64.' }),
    ...fields,
    image: fields.image.default(''),
    description: fields.description.default(''),
    command: fields.command.default(null),
    arguments: fields.arguments.default(null),
    environment_variables: fields.environment_variables.default({}),
    status_requested: fields.status_requested.default('ON'),
    time_to_stop_default: fields.time_to_stop_default
      .default(timeToStopDefaultSeconds)
      .openapi({ default: timeToStopDefaultSeconds }),
    time_to_stop_instance: fields.time_to_stop_instance.default(null),
    networking: fields.networking
      .default({ default: network })
      .openapi({ default: defaultNetworking, description: 'Ports, by key.' }),
    resources: fields.resources.default(resourcesSchema(limits.resources).parse({})).openapi({ default: {} }),
    compute_queue: fields.compute_queue.optional().openapi({ default: defaultComputeQueue }),
  });
}

/** Parses the body of a create for a tenant whose pods are reached below `tenantHostName`. */
export type CreatePodParser = (body: object, tenantHostName: string) => Parsed<CreatePodRequest>;

/** Builds the schema once. */
export function createPodParser(limits: PodLimits): CreatePodParser {
  const schema = newPodSchema(limits);
  return (body, tenantHostName) => parseCreatePod(schema, limits, body, tenantHostName);
}

function parseCreatePod(
  schema: ReturnType<typeof newPodSchema>,
  limits: PodLimits,
  body: object,
  tenantHostName: string,
): Parsed<CreatePodRequest> {
  const parsed = parseWith(schema, body, 'body');
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  const place = { podId: value.pod_id, tenantHostName };
  const problems = [...podIdProblems(value.pod_id), ...modelProblems(value, place, limits)];
  if (problems.length > 0) return { ok: false, problems };
  const { compute_queue: _, ...resources } = value.resources;
  const request: CreatePodRequest = {
    podId: value.pod_id,
    definition: {
      image: value.image,
      description: value.description,
      command: value.command,
      arguments: value.arguments,
      environment_variables: value.environment_variables,
      time_to_stop_default: value.time_to_stop_default,
      time_to_stop_instance: value.time_to_stop_instance,
      networking: withUrls(value.networking, place),
      resources,
      compute_queue: sentComputeQueue(value) ?? defaultComputeQueue,
    },
    modifiedFields: sentFieldNames(body),
    // A new pod has nothing to restart: both words ask for a run.
    statusRequested: value.status_requested === 'OFF' ? 'OFF' : 'ON',
  };
  return { ok: true, value: request };
}
