// Every event of a pod's history, as a schema. A published shape is never edited: add an optional field, or an
// upcaster with a sample of the old form.
import { z } from 'zod';
import { podDefinitionSchema } from './pod-definition.ts';

/** Written in the header of every event; raised when a body changes in a way that needs an upcaster. */
export const podEventSchemaVersion = 1;

const run = { incarnation: z.int().min(1), run: z.int().min(1) };
const container = { ...run, podUid: z.string() };

/** Why a container stands where it stands, for people: Kubernetes' own reason and a sentence. */
const cause = { reason: z.string(), message: z.string() };

const podEventSchema = z.discriminatedUnion('type', [
  // Intents and definition, written by api.
  z.object({
    type: z.literal('PodCreated'),
    incarnation: z.int().min(1),
    site: z.string(),
    definition: podDefinitionSchema,
    /** Names of the body keys that the user sent; `resources.<key>` one by one. */
    modifiedFields: z.array(z.string()),
    statusRequested: z.enum(['ON', 'OFF']),
    /** `user:LEVEL`. */
    permissions: z.array(z.string()),
  }),
  z.object({
    type: z.literal('PodUpdated'),
    changes: podDefinitionSchema.partial(),
    /** The whole list after this change. */
    modifiedFields: z.array(z.string()),
    statusRequested: z.enum(['ON', 'OFF', 'RESTART']).optional(),
  }),
  z.object({ type: z.literal('PodStartRequested') }),
  z.object({ type: z.literal('PodStopRequested') }),
  z.object({ type: z.literal('PodRestartRequested') }),
  z.object({ type: z.literal('PodDeleted'), incarnation: z.int().min(1), lastRun: z.int().min(0) }),

  // Progress in the cluster, written by spawner.
  z.object({
    type: z.literal('PodSpawnStarted'),
    ...run,
    generation: z.int().min(1),
    definitionVersion: z.int().min(1),
  }),
  z.object({
    type: z.literal('PodObjectsCreated'),
    ...container,
    podName: z.string(),
    /** Cluster address of the pod's Service, without port. */
    address: z.string(),
  }),
  z.object({ type: z.literal('PodSpawnFailed'), ...run, attempt: z.int().min(1), final: z.boolean(), ...cause }),
  z.object({ type: z.literal('PodTeardownStarted'), ...run, purpose: z.enum(['stop', 'restart']) }),
  z.object({ type: z.literal('PodStopped'), ...run }),
  z.object({
    type: z.literal('PodLost'),
    ...container,
    ...cause,
    /** Losses in a row, this one included if it counts. */
    losses: z.int().min(0),
    /** Losses in a row that say nothing against the pod, this one included if it is such a one. */
    blamelessLosses: z.int().min(0).optional(),
    /** True when the pod is given up. */
    final: z.boolean(),
  }),

  // What was seen, written by health.
  z.object({ type: z.literal('PodBecameAvailable'), ...container, startedAt: z.iso.datetime() }),
  z.object({
    type: z.literal('PodCompleted'),
    ...container,
    ...cause,
    exitCode: z.int(),
    finishedAt: z.iso.datetime().nullable(),
  }),
  z.object({
    type: z.literal('PodErrored'),
    ...container,
    ...cause,
    exitCode: z.int().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    /** True when no container of the run ever ran: the Pod object is then of no use and is removed. */
    neverRan: z.boolean(),
  }),
  z.object({
    type: z.literal('PodLogsArchived'),
    ...run,
    /** Name in the object store; null when the run wrote nothing, or what it wrote could not be kept. */
    object: z.string().nullable(),
    /** Bytes before compression. */
    sizeBytes: z.int().min(0),
    /** Why there is no object although there was output, for people. */
    notKept: z.string().optional(),
  }),
  z.object({
    type: z.literal('PodTimeToStopReached'),
    ...run,
    deadline: z.iso.datetime(),
    field: z.enum(['time_to_stop_default', 'time_to_stop_instance']),
    /** Seconds that the field held. */
    seconds: z.int(),
  }),
]);

/** A pod event: its type and its body. The log keeps the type in a header and the rest as the message's body. */
export type PodEvent = z.infer<typeof podEventSchema>;
export type PodEventType = PodEvent['type'];
export type PodEventOf<Type extends PodEventType> = Extract<PodEvent, { type: Type }>;

export const podEventTypes: readonly PodEventType[] = podEventSchema.options.map((option) => option.shape.type.value);

/** Whether this version of the software knows an event type; an unknown one makes a pod "newer than me". */
export function isPodEventType(type: string): type is PodEventType {
  const known: readonly string[] = podEventTypes;
  return known.includes(type);
}

/** What an event may not be read as: the type is ours but the body does not have its shape. */
export class MalformedPodEventError extends Error {
  override readonly name = 'MalformedPodEventError';
}

/**
 * Parses a body of a known type. Keys that this version does not know are dropped.
 * @throws MalformedPodEventError naming the fields that do not fit, never their values.
 */
export function parsePodEvent(type: PodEventType, body: object): PodEvent {
  const parsed = podEventSchema.safeParse({ ...body, type });
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join(', ');
  throw new MalformedPodEventError(`${type} has an unreadable body (${fields})`);
}
