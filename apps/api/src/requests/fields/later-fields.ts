// Fields of the documented API that need parts which this version does not have: taken when they ask for nothing,
// refused with a message otherwise, so that nobody believes them in effect.
import { z } from '@hono/zod-openapi';
import type { Problem } from '../problem.ts';
import { valueError } from '../problem.ts';

const anything = z.record(z.string(), z.unknown()).openapi({ type: 'object', additionalProperties: true });

/** Their form in a body. */
export const laterFields = {
  template: z.string().optional().openapi({ description: 'Not offered yet: leave it empty.' }),
  secret_map: anything.optional().openapi({ description: 'Not offered yet: leave it empty.' }),
  volume_mounts: z
    .union([anything, z.array(z.unknown())])
    .optional()
    .openapi({ type: 'object', description: 'Not offered yet: leave it empty.' }),
  template_overrides: anything.nullable().optional().openapi({ description: 'Not offered yet: leave it empty.' }),
};

export interface LaterFields {
  readonly template?: string | undefined;
  readonly secret_map?: object | undefined;
  readonly volume_mounts?: object | undefined;
  readonly template_overrides?: object | null | undefined;
}

/** One problem for each of them that holds something. */
export function laterFieldProblems(body: LaterFields): readonly Problem[] {
  return [
    ...(body.template === undefined || body.template === ''
      ? []
      : [notYet('template', 'templates', "set 'image' instead")]),
    ...(isEmpty(body.template_overrides) ? [] : [notYet('template_overrides', 'templates', 'leave it out')]),
    ...(isEmpty(body.secret_map) ? [] : [notYet('secret_map', 'secrets', 'leave it out')]),
    ...(isEmpty(body.volume_mounts) ? [] : [notYet('volume_mounts', 'volumes', 'leave it out')]),
  ];
}

function isEmpty(value: object | null | undefined): boolean {
  return value === undefined || value === null || Object.keys(value).length === 0;
}

function notYet(field: string, what: string, hint: string): Problem {
  return valueError([field], `${what} are not offered by this version of the service yet; ${hint}`);
}
