// The browser flow: log in, approve, go back to the client (clients.md 6.3). Nothing is ever sent to an address that
// is not, character by character, the registered one of an active client.
import { Hono } from 'hono';
import { z } from 'zod';
import { approveForm, refusedPage, showPage } from '../browser/pages.ts';
import type { Client } from '../clients/client-store.ts';
import type { Tenant } from '../directory/directory.ts';
import { callbackWith, mayAsk, responseTypes, type AuthorizeRequest } from '../grants/policy.ts';
import { tenantOf } from '../http/caller.ts';
import { checked, readBody } from '../http/input.ts';
import { isRefusal, refuse, type Refusal } from '../refusals.ts';
import type { RouteDeps } from './deps.ts';

/** The query of GET /v3/oauth2/authorize. */
export const requestSchema = z.object({
  client_id: z.string().min(1),
  redirect_uri: z.string().min(1),
  response_type: z.enum(responseTypes),
  state: z.string().max(4096).optional(),
});
const decisionSchema = requestSchema.extend({ csrf: z.string().optional(), approve: z.string().optional() });

/** The log-in page for this request, as a relative address made of checked parts only. */
function loginAddress(request: AuthorizeRequest): string {
  const { client_id, redirect_uri, response_type, state } = request;
  const query = new URLSearchParams({
    client_id,
    redirect_uri,
    response_type,
    ...(state === undefined ? {} : { state }),
  });
  return `/v3/oauth2/login?${query.toString()}`;
}

async function askingClient(deps: RouteDeps, tenant: Tenant, request: AuthorizeRequest): Promise<Client | Refusal> {
  return mayAsk(request, await deps.clients.get(tenant.id, request.client_id));
}

async function answerFor(
  deps: RouteDeps,
  tenant: Tenant,
  request: AuthorizeRequest,
  username: string,
): Promise<Readonly<Record<string, string>>> {
  const { client_id: clientId, redirect_uri: redirectUri } = request;
  if (request.response_type === 'code') {
    return { code: deps.codes.issue({ tenantId: tenant.id, username, clientId, redirectUri }) };
  }
  const { access_token: token } = await deps.tokens.issue(
    {
      tenantId: tenant.id,
      baseUrl: tenant.baseUrl,
      username,
      accountType: 'user',
      clientId,
      grantType: 'implicit',
      redirectUri,
    },
    { refreshable: false },
  );
  return { access_token: token.access_token, expires_in: String(token.expires_in), token_type: 'Bearer' };
}

export function authorizeRoutes(deps: RouteDeps): Hono {
  const routes = new Hono();

  routes.get('/v3/oauth2/authorize', async (c) => {
    const read = checked(c.req.query(), requestSchema);
    if (isRefusal(read)) return await refusedPage(c, read);
    const tenant = tenantOf(deps, c);
    const client = await askingClient(deps, tenant, read.body);
    if (isRefusal(client)) return await refusedPage(c, client);
    const username = deps.sessions.user(c, tenant);
    if (username === undefined) return c.redirect(loginAddress(read.body));
    const content = approveForm({
      action: '/v3/oauth2/authorize',
      csrf: deps.csrf.token(c, tenant),
      username,
      clientId: client.client_id,
      clientName: client.display_name,
      details: { 'sends you to': client.callback_url },
      fields: { ...read.body },
    });
    return await showPage(c, { title: 'Allow access?', content, formLeadsTo: client.callback_url });
  });

  routes.post('/v3/oauth2/authorize', async (c) => {
    const read = await readBody(c, decisionSchema);
    if (isRefusal(read)) return await refusedPage(c, read);
    const { csrf, approve, ...request } = read.body;
    if (!deps.csrf.isGenuine(c, csrf)) return await refusedPage(c, refuse('forged-form'));
    const tenant = tenantOf(deps, c);
    const client = await askingClient(deps, tenant, request);
    if (isRefusal(client)) return await refusedPage(c, client);
    const username = deps.sessions.user(c, tenant);
    if (username === undefined) return c.redirect(loginAddress(request), 303);
    const answer = approve === 'yes' ? await answerFor(deps, tenant, request, username) : { error: 'access_denied' };
    c.header('cache-control', 'no-store');
    c.header('referrer-policy', 'no-referrer');
    return c.redirect(callbackWith(request, answer), 302);
  });
  return routes;
}
