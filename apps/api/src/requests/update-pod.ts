// The body of PUT /pods/{pod_id}: any subset of the fields, each replaced as a whole (pods-api.md 3.4).
import { z } from '@hono/zod-openapi';
import type { PodDefinition, Resources } from '@pods/contracts';
import { sentComputeQueue } from './fields/compute-queue.ts';
import type { PodPlace } from './fields/networking.ts';
import { withUrls } from './fields/networking.ts';
import type { PodLimits, SentFields } from './pod-body.ts';
import { modelProblems, podFields, sentFieldNames } from './pod-body.ts';
import type { Parsed } from './problem.ts';
import { parseWith } from './zod-problems.ts';

/** What an update asks for. */
export interface UpdatePodRequest {
  /** Whole new values of the fields that were sent. */
  readonly changes: Partial<PodDefinition>;
  readonly sentFields: readonly string[];
  readonly statusRequested: 'ON' | 'OFF' | 'RESTART' | undefined;
}

/** The form of the body. */
export function updatePodSchema(limits: PodLimits) {
  return z.strictObject(podFields(limits)).partial();
}

/** Parses the body of an update of the pod at `place`. */
export type UpdatePodParser = (body: object, place: PodPlace) => Parsed<UpdatePodRequest>;

/** Builds the schema once. */
export function createUpdatePodParser(limits: PodLimits): UpdatePodParser {
  const schema = updatePodSchema(limits);
  return (body, place) => {
    const parsed = parseWith(schema, body, 'body');
    if (!parsed.ok) return parsed;
    const problems = modelProblems(parsed.value, place, limits);
    if (problems.length > 0) return { ok: false, problems };
    const request: UpdatePodRequest = {
      changes: changesOf(parsed.value, body, place),
      sentFields: sentFieldNames(body),
      statusRequested: parsed.value.status_requested,
    };
    return { ok: true, value: request };
  };
}

function changesOf(fields: SentFields, body: object, place: PodPlace): Partial<PodDefinition> {
  const changes = {
    image: fields.image,
    description: fields.description,
    command: fields.command,
    arguments: fields.arguments,
    environment_variables: fields.environment_variables,
    time_to_stop_default: fields.time_to_stop_default,
    time_to_stop_instance: fields.time_to_stop_instance,
    networking: fields.networking === undefined ? undefined : withUrls(fields.networking, place),
    resources: changedResources(fields, body),
    compute_queue: sentComputeQueue(fields),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Resources that hold nothing but a queue leave the resources as they are; empty ones go back to the defaults. */
function changedResources(fields: SentFields, body: object): Resources | undefined {
  if (fields.resources === undefined) return undefined;
  const { compute_queue: queue, ...resources } = fields.resources;
  const onlyQueue = queue !== undefined && !sentFieldNames(body).some((name) => name.startsWith('resources.'));
  return onlyQueue ? undefined : resources;
}
