// The page where a user approves a device by its short code.
import { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { approveForm, refusedPage, showPage } from '../browser/pages.ts';
import { tenantOf } from '../http/caller.ts';
import { readBody } from '../http/input.ts';
import { isRefusal, refuse } from '../refusals.ts';
import type { RouteDeps } from './deps.ts';

const page = '/v3/oauth2/device';
const decisionSchema = z.object({ user_code: z.string(), csrf: z.string().optional(), approve: z.string().optional() });

export function deviceRoutes(deps: RouteDeps): Hono {
  const routes = new Hono();

  routes.get(page, async (c) => {
    const tenant = tenantOf(deps, c);
    const userCode = c.req.query('user_code') ?? '';
    const username = deps.sessions.user(c, tenant);
    if (username === undefined)
      return c.redirect(`/v3/oauth2/login?${new URLSearchParams({ user_code: userCode }).toString()}`);
    if (userCode === '') {
      const content = html`<form action="${page}">
        <label for="user_code">Code shown by the device</label>
        <input id="user_code" name="user_code" autocomplete="off" autofocus required />
        <button>Go on</button>
      </form>`;
      return await showPage(c, { title: 'Connect a device', content });
    }
    const device = deps.devices.byUserCode(tenant.id, userCode);
    const client = device === undefined ? undefined : await deps.clients.get(tenant.id, device.clientId);
    if (device === undefined || client === undefined) return await refusedPage(c, refuse('unknown-user-code'));
    const content = approveForm({
      action: page,
      csrf: deps.csrf.token(c, tenant),
      username,
      clientId: client.client_id,
      clientName: client.display_name,
      details: { code: device.userCode },
      fields: { user_code: device.userCode },
    });
    return await showPage(c, { title: 'Allow access?', content });
  });

  routes.post(page, async (c) => {
    const read = await readBody(c, decisionSchema);
    if (isRefusal(read)) return await refusedPage(c, read);
    if (!deps.csrf.isGenuine(c, read.body.csrf)) return await refusedPage(c, refuse('forged-form'));
    const tenant = tenantOf(deps, c);
    const username = deps.sessions.user(c, tenant);
    if (username === undefined) return c.redirect('/v3/oauth2/login?user_code=', 303);
    if (read.body.approve !== 'yes')
      return await showPage(c, { title: 'Refused', content: html`<p>The device gets nothing.</p>` });
    if (!deps.devices.approve(tenant.id, read.body.user_code, username)) {
      return await refusedPage(c, refuse('unknown-user-code'));
    }
    return await showPage(c, {
      title: 'Connected',
      content: html`<p>The device may now act as <strong>${username}</strong>.</p>`,
    });
  });
  return routes;
}
