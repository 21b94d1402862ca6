// What the published document says of an operation by its row of the route table alone: the headers that it takes, the
// statuses that it may answer with and their headers.
import { z } from '@hono/zod-openapi';
import type { Route } from '../http/route-table.ts';
import type { OperationDoc } from './operations.ts';
import { errorSchema } from './schemas.ts';

const text = (description: string) => z.string().optional().openapi({ description });

const adminHeader = {
  'X-Pods-Admin': text('`true` to act as a service admin on all pods of the tenant; needs an admin role.'),
};
const keyHeader = {
  'Idempotency-Key': text(
    'Your own id of this request: sent again with the same key, the first outcome is answered. 1 to 255 printable characters.',
  ),
};
const matchHeader = { 'If-Match': text('The ETag that you have seen, such as "3": refused when the pod has changed.') };

/** Headers of the request beside the token; undefined for none. */
export function requestHeaders(route: Route): z.ZodObject | undefined {
  if (route.access.kind === 'public') return undefined;
  return z.object({
    ...adminHeader,
    ...(route.changes === true ? keyHeader : {}),
    ...(changesPod(route) ? matchHeader : {}),
  });
}

const etag = z.object({ ETag: z.string().openapi({ description: 'Version of the pod, for If-Match.' }) });
const retryAfter = z.object({ 'Retry-After': z.string().openapi({ description: 'Seconds.' }) });

interface ResponseDoc {
  readonly description: string;
  readonly headers?: z.ZodObject;
  readonly content: { readonly 'application/json': { readonly schema: z.ZodType } };
}

const error = (description: string): ResponseDoc => ({
  description,
  content: { 'application/json': { schema: errorSchema } },
});

/** Every status that the operation may answer with, by default settings. */
export function responsesOf(route: Route, doc: OperationDoc): Readonly<Record<string, ResponseDoc>> {
  if (doc.anyError === true) return { '4XX': error('That status'), '5XX': error('That status') };
  return {
    ...(doc.result === undefined ? { 501: error('Not offered by this installation') } : successOf(route, doc.result)),
    ...(route.access.kind === 'public' ? {} : callerErrors),
    ...(route.access.kind === 'pod' ? { 404: error('No such pod, or none that you may see') } : {}),
    ...(route.changes === true ? { 409: error(conflictText(route)) } : {}),
    ...(changesPod(route) ? { 412: error('The pod has changed since the version in If-Match') } : {}),
    ...(route.body === true
      ? { 413: error('The body or the definition is too large'), 507: error('No room for new pods and changes') }
      : {}),
  };
}

const callerErrors = {
  400: error('The request is wrong: one line for each mistake'),
  401: error('No token, or a bad one'),
  403: error('Not allowed'),
  503: { ...error('A needed part is away. Try again'), headers: retryAfter },
};

function successOf(route: Route, schema: z.ZodType): Readonly<Record<string, ResponseDoc>> {
  const versioned = route.changes === true || route.operation === 'get_pod';
  const content = { 'application/json': { schema } };
  return { 200: { description: 'Done', content, ...(versioned ? { headers: etag } : {}) } };
}

/** Changes a pod that is there. */
function changesPod({ access, changes }: Route): boolean {
  return access.kind === 'pod' && changes === true;
}

function conflictText({ operation }: Route): string {
  const key = 'the Idempotency-Key was used for another request';
  if (operation === 'create_pod') return `The id is taken, or ${key}`;
  return operation === 'start_pod' ? `The pod is neither STOPPED, COMPLETE nor ERROR, or ${key}` : `Conflict: ${key}`;
}
