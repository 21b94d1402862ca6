// The published OpenAPI document: 3.0, loadable by tapipy (clients.md section 4): every operation has an operationId and
// lists its own parameters, path items hold nothing but methods, bodies have their properties at the top, nothing recurs.
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Route } from '../http/route-table.ts';
import { routeTable } from '../http/route-table.ts';
import type { PodLimits } from '../requests/pod-body.ts';
import { requestHeaders, responsesOf } from './exchange.ts';
import type { OperationDoc } from './operations.ts';
import { operationDocs } from './operations.ts';

export interface DocumentOptions {
  readonly version: string;
  readonly limits: PodLimits;
}

type RouteConfig = Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0];

/** Builds the document from the route table. */
export function buildDocument({ version, limits }: DocumentOptions): object {
  const { openAPIRegistry: registry, getOpenAPIDocument } = new OpenAPIHono();
  registry.registerComponent('securitySchemes', 'TapisToken', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Tapis-Token',
    description: 'A Tapis access token of the tenant.',
  });
  const docs = operationDocs(limits);
  for (const route of routeTable) {
    const doc = docs[route.operation];
    if (doc !== undefined) registry.registerPath(pathOf(route, doc));
  }
  return getOpenAPIDocument({
    openapi: '3.0.3',
    info: {
      title: 'Pods',
      version,
      description:
        'Long-lived containers on Kubernetes. Every answer is an envelope with message, metadata, result, status and version.',
    },
    // Clients that know the service put /v3 in front by themselves; this is for the page that tries requests out.
    servers: [{ url: '/v3' }],
  });
}

function pathOf(route: Route, doc: OperationDoc): RouteConfig {
  const params = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, z.string()] as const);
  const [body, headers] = [bodyOf(doc), requestHeaders(route)];
  return {
    method: lowerCase(route.method),
    path: route.path,
    operationId: route.operation,
    tags: [doc.tag],
    summary: doc.summary,
    description: [doc.description, accessText(route)].filter((text) => text !== undefined).join('\n\n'),
    security: route.access.kind === 'public' ? [] : [{ TapisToken: [] }],
    request: {
      ...(params.length === 0 ? {} : { params: z.object(Object.fromEntries(params)) }),
      ...(doc.query === undefined ? {} : { query: doc.query }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
    },
    responses: responsesOf(route, doc),
  };
}

function lowerCase(method: Route['method']): 'get' | 'post' | 'put' | 'delete' {
  switch (method) {
    case 'GET':
      return 'get';
    case 'POST':
      return 'post';
    case 'PUT':
      return 'put';
    case 'DELETE':
      return 'delete';
  }
}

function accessText({ access }: Route): string {
  if (access.kind === 'public') return 'Needs no token.';
  return access.kind === 'caller' ? 'Needs a token.' : `Needs ${access.level} on the pod.`;
}

type BodyConfig = NonNullable<NonNullable<RouteConfig['request']>['body']>;

function bodyOf({ body, multipart }: OperationDoc): BodyConfig | undefined {
  if (body !== undefined) return { required: true, content: { 'application/json': { schema: body } } };
  if (multipart === undefined) return undefined;
  const fields = multipart.map((name) => [name, z.string().openapi({ format: 'binary' })] as const);
  const schema = z.object(Object.fromEntries(fields));
  return { required: true, content: { 'multipart/form-data': { schema } } };
}
