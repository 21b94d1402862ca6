// Flags in the query of pod reads: `True`, `true`, `1` and the like (clients.md section 1, rule 9).
import { z } from '@hono/zod-openapi';
import { laxBoolean } from '../../requests/lax.ts';
import type { Parsed } from '../../requests/problem.ts';
import { parseWith } from '../../requests/zod-problems.ts';

const derivedFlags = {
  derived: laxBoolean().optional().openapi({ description: 'Merge the template into the pod.' }),
  derived_lite: laxBoolean().optional().openapi({ description: 'The same without placeholders; wins over derived.' }),
};

export const listPodsQuery = z.object(derivedFlags);
export const getPodQuery = z.object({
  include_configs: laxBoolean().optional().openapi({ description: 'Show the contents of configuration mounts.' }),
  check_unresolved: laxBoolean().optional().openapi({ description: 'Report placeholders that nothing replaces.' }),
  ...derivedFlags,
});
export const restartPodQuery = z.object({
  grab_latest_template_tag: laxBoolean().optional().openapi({ description: 'Take the newest tag of the template.' }),
});

const force = (description: string) => z.object({ force: laxBoolean().optional().openapi({ description }) });
export const stopPodQuery = force(
  'Stop without regard to other pods of a stack. Of no effect yet: there are no stacks.',
);
export const deletePodQuery = force('Delete also what is still in use. Of no effect yet: nothing holds a deletion up.');

/** Parses the query; names that the route does not know are left alone. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: URLSearchParams): Parsed<z.output<Schema>> {
  return parseWith(schema, Object.fromEntries(query), 'query');
}

/** What the reply says about derived pods. Without templates a derived pod is the pod itself (pods-api.md 3.1). */
export function derivedMetadata(flags: {
  readonly derived?: boolean | undefined;
  readonly derived_lite?: boolean | undefined;
}): Readonly<Record<string, unknown>> {
  if (flags.derived_lite === true) return { derived: true, derived_mode: 'lite' };
  return flags.derived === true ? { derived: true, derived_mode: 'full' } : {};
}
