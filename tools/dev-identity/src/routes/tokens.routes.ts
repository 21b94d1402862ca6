// POST /v3/oauth2/tokens, its revoke, device codes, and the tokens of services. All of them ignore X-Tapis-Token, even an expired
// one: clients attach their old token to the very call that renews it (clients.md section 1, rule 5).
import { Hono } from 'hono';
import { z } from 'zod';
import { deviceCodeLifeMs } from '../grants/device-codes.ts';
import { grantSchema, grantToken } from '../grants/grant-token.ts';
import {
  grantServiceToken,
  refreshServiceToken,
  serviceRefreshSchema,
  serviceTokenSchema,
} from '../grants/service-token.ts';
import { tenantOf } from '../http/caller.ts';
import { ok, refused } from '../http/envelope.ts';
import { basicCredentials, readBody } from '../http/input.ts';
import { isRefusal, refuse } from '../refusals.ts';
import type { RouteDeps } from './deps.ts';

const created = 'Token created successfully.';
const revokeSchema = z.object({ token: z.string().min(1) });
const deviceSchema = z.object({ client_id: z.string().min(1) });

export function tokenRoutes(deps: RouteDeps): Hono {
  const routes = new Hono();

  routes.post('/v3/oauth2/tokens', async (c) => {
    const read = await readBody(c, grantSchema);
    if (isRefusal(read)) return refused(c, read);
    const tenant = tenantOf(deps, c);
    const reply = await grantToken(deps, tenant, read.body, basicCredentials(c));
    deps.log.info(
      { tenant: tenant.id, reason: read.body.grant_type, outcome: isRefusal(reply) ? reply.refused : 'granted' },
      'token asked for',
    );
    return isRefusal(reply) ? refused(c, reply) : ok(c, reply, created);
  });

  routes.post('/v3/oauth2/tokens/revoke', async (c) => {
    const read = await readBody(c, revokeSchema);
    if (isRefusal(read)) return refused(c, read);
    await deps.tokens.revoke(read.body.token);
    // The same answer for any token: it tells nothing about tokens that the caller does not hold.
    return ok(c, '', 'Token revoked.');
  });

  routes.post('/v3/oauth2/device/code', async (c) => {
    const read = await readBody(c, deviceSchema);
    if (isRefusal(read)) return refused(c, read);
    const tenant = tenantOf(deps, c);
    const client = await deps.clients.get(tenant.id, read.body.client_id);
    if (client?.active !== true) return refused(c, refuse('unknown-client'));
    const device = deps.devices.start(tenant.id, client.client_id);
    const result = {
      device_code: device.deviceCode,
      user_code: device.userCode,
      client_id: client.client_id,
      expires_in: new Date(deps.clock.now() + deviceCodeLifeMs).toISOString(),
      verification_uri: `${tenant.baseUrl}/v3/oauth2/device`,
    };
    return ok(c, result, 'Device code created.');
  });

  routes.post('/v3/tokens', async (c) => {
    const read = await readBody(c, serviceTokenSchema);
    if (isRefusal(read)) return refused(c, read);
    const reply = await grantServiceToken(deps, read.body, basicCredentials(c));
    return isRefusal(reply) ? refused(c, reply) : ok(c, reply, created);
  });

  routes.put('/v3/tokens', async (c) => {
    const read = await readBody(c, serviceRefreshSchema);
    if (isRefusal(read)) return refused(c, read);
    const reply = await refreshServiceToken(deps, read.body.refresh_token);
    return isRefusal(reply) ? refused(c, reply) : ok(c, reply, created);
  });
  return routes;
}
