// The schemas of replies, for the published document. Replies are built elsewhere; a spec holds the two together.
import { z } from '@hono/zod-openapi';
import { networkingEntrySchema, podDefinitionSchema } from '@pods/contracts';
import { podStatuses } from '@pods/domain-pods';

const anything = () => z.record(z.string(), z.unknown()).openapi({ type: 'object', additionalProperties: true });
const instant = () => z.string().openapi({ format: 'date-time', description: 'UTC without an offset.' });

/** A pod as every reply shows it (pods-api.md 4.1). */
export const podSchema = z
  .strictObject({
    pod_id: z.string(),
    ...podDefinitionSchema.shape,
    networking: z.record(z.string(), networkingEntrySchema),
    template: z.string(),
    secret_map: z.record(z.string(), z.string()),
    volume_mounts: anything(),
    template_overrides: anything().nullable(),
    status_requested: z.enum(['ON', 'OFF', 'RESTART']),
    status: z.string().openapi({ description: `One of ${podStatuses.join(', ')}.` }),
    status_container: anything(),
    time_to_stop_ts: instant().nullable(),
    start_instance_ts: instant().nullable(),
    creation_ts: instant(),
    update_ts: instant(),
  })
  .openapi('PodResponseModel');

export const podLogsSchema = z
  .strictObject({
    logs: z.string().openapi({ description: 'What the container wrote, the newest 10 MiB.' }),
    action_logs: z.array(z.string()).openapi({ description: 'What happened to the pod, oldest first.' }),
  })
  .openapi('LogsModel');

/** The envelope around a result (pods-api.md 1.3). */
export function envelopeSchema<Result extends z.ZodType>(result: Result) {
  return z.strictObject({
    message: z.string(),
    metadata: anything(),
    result,
    status: z.string(),
    version: z.string(),
  });
}

/** The envelope of an error: one text, or one for each wrong field. */
export const errorSchema = z
  .strictObject({
    message: z.union([z.string(), z.array(z.string())]),
    metadata: anything(),
    result: z.null(),
    status: z.enum(['error']),
    version: z.string(),
  })
  .openapi('ErrorResponse');
