// What create and update share: the form of each field in a body, and the rules of the pod model on fields that were sent.
// Broken forms are reported below `body`, broken model rules without it (pods-api.md 1.4).
import { z } from '@hono/zod-openapi';
import { computeQueueProblems } from './fields/compute-queue.ts';
import { imageProblems } from './fields/image.ts';
import { laterFieldProblems, laterFields } from './fields/later-fields.ts';
import type { PodPlace } from './fields/networking.ts';
import { networkingEntryRequest, networkingProblems } from './fields/networking.ts';
import type { ResourceSettings } from './fields/resources.ts';
import { resourcesSchema } from './fields/resources.ts';
import { descriptionProblems, environmentProblems, wordsProblems } from './fields/texts.ts';
import { timeToStopProblems } from './fields/time-to-stop.ts';
import { laxInteger } from './lax.ts';
import type { Problem } from './problem.ts';

/** What the installation allows. */
export interface PodLimits {
  readonly resources: ResourceSettings;
  readonly computeQueues: readonly string[];
}

/** The form of every field that both bodies have, without defaults. */
export function podFields(limits: PodLimits) {
  return {
    image: z.string().openapi({ description: 'Image reference: registry, path, tag, digest.' }),
    description: z.string().openapi({ description: 'ASCII text of at most 404 characters.' }),
    command: z.array(z.string()).nullable().openapi({ description: "Replaces the image's entrypoint." }),
    arguments: z.array(z.string()).nullable().openapi({ description: 'Arguments of the command.' }),
    environment_variables: z.record(z.string(), z.string()).openapi({ description: 'Names and values.' }),
    status_requested: z.enum(['ON', 'OFF', 'RESTART']).openapi({ description: 'What the pod should be.' }),
    time_to_stop_default: laxInteger().openapi({ description: 'Seconds until a run is stopped; -1 for never.' }),
    time_to_stop_instance: laxInteger()
      .nullable()
      .openapi({ type: 'integer', description: 'The same for the current run only; null for the default.' }),
    networking: z.record(z.string(), networkingEntryRequest).openapi({ description: 'Ports, by key.' }),
    resources: resourcesSchema(limits.resources).openapi({ description: 'What the pod is promised and may use.' }),
    compute_queue: z.string().openapi({ description: 'Queue to run in.' }),
    ...laterFields,
  };
}

type Fields = ReturnType<typeof podFields>;
/** Fields that were sent or filled in; the others are undefined. */
export type SentFields = { readonly [Field in keyof Fields]?: z.output<Fields[Field]> | undefined };

/** Model rules on the fields that are there. */
export function modelProblems(body: SentFields, place: PodPlace, limits: PodLimits): readonly Problem[] {
  return [
    ...laterFieldProblems(body),
    ...on(body.image, imageProblems),
    ...on(body.description, descriptionProblems),
    ...on(body.command, (words) => wordsProblems('command', words)),
    ...on(body.arguments, (words) => wordsProblems('arguments', words)),
    ...on(body.environment_variables, environmentProblems),
    ...on(body.time_to_stop_default, (seconds) => timeToStopProblems('time_to_stop_default', seconds)),
    ...on(body.time_to_stop_instance, (seconds) => timeToStopProblems('time_to_stop_instance', seconds)),
    ...on(body.networking, (networking) => networkingProblems(networking, place)),
    ...computeQueueProblems(body, limits.computeQueues),
  ];
}

function on<Value>(value: Value | undefined, check: (value: Value) => readonly Problem[]): readonly Problem[] {
  return value === undefined ? [] : check(value);
}

/** `modified_fields`: the body's keys, `resources` key by key (pods-api.md 3.2 step 2). */
export function sentFieldNames(body: object): readonly string[] {
  const names = Object.entries(body).flatMap(([field, value]: [string, unknown]) => {
    if (field !== 'resources' || typeof value !== 'object' || value === null) return [field];
    return Object.keys(value).map((key) => (key === 'compute_queue' ? key : `resources.${key}`));
  });
  return [...new Set(names)];
}
