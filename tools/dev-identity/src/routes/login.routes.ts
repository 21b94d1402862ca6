// Logging in and out with a browser. Knows where to go on, but only to pages of ours.
import { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { loginForm, refusedPage, showPage } from '../browser/pages.ts';
import { tenantOf } from '../http/caller.ts';
import { readBody } from '../http/input.ts';
import { isRefusal, refusals, refuse } from '../refusals.ts';
import { requestSchema } from './authorize.routes.ts';
import type { RouteDeps } from './deps.ts';

const goOnSchema = z.union([requestSchema, z.object({ user_code: z.string().max(32) })]);
const loginSchema = z.object({
  username: z.string().default(''),
  password: z.string().default(''),
  csrf: z.string().optional(),
});

/** Where a login goes on: only to pages of ours, with parts that were checked. */
function goOn(fields: unknown): { readonly address: string; readonly fields: Readonly<Record<string, string>> } {
  const parsed = goOnSchema.safeParse(fields);
  if (!parsed.success) return { address: '/v3/oauth2/login', fields: {} };
  const page = 'client_id' in parsed.data ? 'authorize' : 'device';
  const kept = Object.fromEntries(Object.entries(parsed.data).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
  return { address: `/v3/oauth2/${page}?${new URLSearchParams(kept).toString()}`, fields: kept };
}

export function loginRoutes(deps: RouteDeps): Hono {
  const routes = new Hono();

  routes.get('/v3/oauth2/login', async (c) => {
    const tenant = tenantOf(deps, c);
    const { fields } = goOn(c.req.query());
    const username = deps.sessions.user(c, tenant);
    if (username !== undefined && Object.keys(fields).length === 0) {
      const content = html`<p>
        You are <strong>${username}</strong> in ${tenant.id}. <a href="/v3/oauth2/logout">Log out</a>
      </p>`;
      return await showPage(c, { title: 'Logged in', content });
    }
    const content = loginForm({ tenantId: tenant.id, csrf: deps.csrf.token(c, tenant), fields });
    return await showPage(c, { title: 'Log in', content });
  });

  routes.post('/v3/oauth2/login', async (c) => {
    const read = await readBody(c, z.record(z.string(), z.string()));
    if (isRefusal(read)) return await refusedPage(c, read);
    const { username, password, csrf } = loginSchema.parse(read.body);
    if (!deps.csrf.isGenuine(c, csrf)) return await refusedPage(c, refuse('forged-form'));
    const tenant = tenantOf(deps, c);
    const { address, fields } = goOn(read.body);
    if (!deps.directory.hasPassword(tenant.id, username, password)) {
      const problem = refusals['bad-credentials'].message;
      const content = loginForm({ tenantId: tenant.id, csrf: deps.csrf.token(c, tenant), fields, problem });
      return await showPage(c, { title: 'Log in', content, status: 400 });
    }
    deps.sessions.start(c, tenant, username);
    return c.redirect(address, 303);
  });

  routes.get('/v3/oauth2/logout', async (c) => {
    deps.sessions.end(c);
    const content = html`<p>You are logged out here. <a href="/v3/oauth2/login">Log in again</a></p>`;
    return await showPage(c, { title: 'Logged out', content });
  });
  return routes;
}
