// The HTTP application: routing by the route table, the guard in front of every endpoint, one envelope around every
// answer, one log line for every request. It opens nothing; main.ts does.
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { ApiDeps } from './deps.ts';
import { createEndpoints } from './endpoints.ts';
import { refusalOfError } from './errors/refusal-of-error.ts';
import { corsOf } from './http/cors.ts';
import type { CallerRequest, Endpoint, Outcome, PublicRequest } from './http/endpoint.ts';
import { refused } from './http/endpoint.ts';
import { guardCaller, guardPod } from './http/guard.ts';
import { readJsonObject } from './http/read-body.ts';
import { renderOutcome } from './http/render.ts';
import { createRequestRecord, type RequestRecord } from './http/request-record.ts';
import type { Route } from './http/route-table.ts';
import { matches, methodsOf, routeTable } from './http/route-table.ts';
import { routingPath, targetOfUrl } from './http/routing-path.ts';

/** What the HTTP listener hands in beside the request: Node's own request, which has the target as it came in. */
export interface ApiBindings {
  readonly incoming?: { readonly url?: string | undefined };
}

interface Environment {
  Bindings: ApiBindings;
  Variables: {
    record: RequestRecord;
    /** What every answer to this request carries. */
    headers: Readonly<Record<string, string>>;
  };
}

export interface Api {
  readonly fetch: (request: Request, bindings?: ApiBindings) => Promise<Response>;
}

/** Builds the application. */
export function buildApi(deps: ApiDeps): Api {
  const app = new Hono<Environment>({
    getPath: (request, options) => routingPath(targetOf(request, bindingsOf(options))),
  });
  app.use('*', async (c, next) => {
    const record = createRequestRecord(c.req.method, c.req.path, deps);
    c.set('record', record);
    const cors = corsOf({ method: c.req.method, header: (name) => c.req.header(name) }, deps.settings.corsOrigins);
    const headers = { ...cors.headers, 'X-Request-Id': record.requestId };
    c.set('headers', headers);
    if (cors.preflight === undefined) await next();
    else c.res = new Response(null, { status: 204, headers: { ...headers, ...cors.preflight } });
    record.finish(c.res.status);
  });
  const endpoints = createEndpoints(deps.settings);
  for (const route of routeTable) {
    const endpoint: Endpoint = endpoints[route.operation];
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) =>
      matches(route, c.req.path) ? answer(c, route, endpoint, deps) : unmatched(c, deps),
    );
  }
  app.notFound((c) => unmatched(c, deps));
  app.onError((error, c) => render(outcomeOfError(error, c.get('record')), c, deps));
  return { fetch: async (request, bindings = {}) => app.fetch(request, bindings) };
}

function unmatched(c: Context<Environment>, deps: ApiDeps): Response {
  const allow = methodsOf(c.req.path);
  const { method, path } = c.req;
  const refusal =
    allow.length === 0
      ? refused({ code: 'UnknownRoute', method, path })
      : refused({ code: 'MethodNotAllowed', method, allow });
  c.get('record').refused(refusal.refusal);
  return render(refusal, c, deps);
}

async function answer(c: Context<Environment>, route: Route, endpoint: Endpoint, deps: ApiDeps): Promise<Response> {
  const record = c.get('record');
  record.matched(route);
  const outcome = await outcomeOf(c, route, endpoint, deps);
  if (outcome.kind === 'refused') record.refused(outcome.refusal);
  return render(outcome, c, deps);
}

function render(outcome: Outcome, c: Context<Environment>, deps: ApiDeps): Response {
  return renderOutcome(outcome, deps.settings, c.get('headers'));
}

async function outcomeOf(c: Context<Environment>, route: Route, endpoint: Endpoint, deps: ApiDeps): Promise<Outcome> {
  // HEAD comes here as GET does; what changes something must not be set off by it.
  if (c.req.method === 'HEAD' && route.changes === true) {
    return refused({ code: 'MethodNotAllowed', method: 'HEAD', allow: methodsOf(c.req.path) });
  }
  const request = publicRequest(c, route);
  if (endpoint.access === 'public') return endpoint.handle(request, deps);
  const known = await guardCaller(request, deps);
  if (!known.ok) return refused(known.refusal);
  c.get('record').calledBy(known.request.caller);
  if (endpoint.access === 'pod') {
    const allowed = await guardPod(known.request, deps);
    if (!allowed.ok) return refused(allowed.refusal);
    return withBody(c, allowed.request, (complete) => endpoint.handle(complete, deps));
  }
  return withBody(c, known.request, (complete) =>
    // In one turn with what the endpoint reads first, see guardPod.
    deps.freshness.mayShow() ? endpoint.handle(complete, deps) : refused({ code: 'NotServing' }),
  );
}

function publicRequest(c: Context<Environment>, route: Route): PublicRequest {
  return {
    route,
    requestId: c.get('record').requestId,
    params: c.req.param(),
    query: new URLSearchParams(/\?[^#]*/.exec(c.req.url)?.[0]),
    header: (name) => c.req.header(name),
  };
}

async function withBody<Request extends CallerRequest>(
  c: Context<Environment>,
  request: Request,
  handle: (request: Request) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  if (request.route.body !== true) return handle(request);
  const body = await readJsonObject(c.req.raw);
  return body.ok ? handle({ ...request, body: body.value }) : refused(body.refusal);
}

function outcomeOfError(error: unknown, record: RequestRecord): Outcome {
  const refusal = refusalOfError(error) ?? { code: 'Unexpected' as const, requestId: record.requestId };
  record.failed(error, refusal);
  return refused(refusal);
}

function bindingsOf(options: unknown): ApiBindings {
  return typeof options === 'object' && options !== null && 'env' in options && isBindings(options.env)
    ? options.env
    : {};
}

function isBindings(env: unknown): env is ApiBindings {
  return typeof env === 'object' && env !== null;
}

function targetOf(request: Request, { incoming }: ApiBindings): string {
  return incoming?.url?.startsWith('/') === true ? incoming.url : targetOfUrl(request.url);
}
