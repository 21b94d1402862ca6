// What this server is and which keys it signs with (clients.md 6.4).
import { Hono } from 'hono';
import { exportJWK } from 'jose';
import { tenantOf } from '../http/caller.ts';
import { ok } from '../http/envelope.ts';
import type { RouteDeps } from './deps.ts';

export function discoveryRoutes(deps: RouteDeps): Hono {
  const routes = new Hono();
  routes.get('/v3/oauth2/hello', (c) => ok(c, '', 'Hello from the development authenticator.'));
  routes.get('/v3/oauth2/ready', (c) => ok(c, '', 'Ready.'));

  routes.get('/v3/oauth2/.well-known/oauth-authorization-server', (c) => {
    const issuer = `${tenantOf(deps, c).baseUrl}/v3/oauth2`;
    const result = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/tokens`,
      jwks_uri: `${issuer}/jwks`,
      registration_endpoint: `${issuer}/clients`,
      device_authorization_endpoint: `${issuer}/device/code`,
      grant_types_supported: ['password', 'authorization_code', 'refresh_token', 'device_code', 'implicit'],
    };
    return ok(c, result, 'Metadata retrieved.');
  });

  // Not enveloped: this is read by ordinary OIDC libraries.
  routes.get('/v3/oauth2/jwks', async (c) => {
    const pair = deps.keys.get(tenantOf(deps, c).id);
    if (pair === undefined) throw new TypeError('a tenant has no key');
    const { kty, n, e } = await exportJWK(pair.publicKey);
    return c.json({ keys: [{ kty, n, e, alg: 'RS256', use: 'sig' }] });
  });
  return routes;
}
