// Who users are: userinfo, profiles, and the roles that the Security Kernel would answer (clients.md 6.4, pods-api.md 8.4).
import { Hono } from 'hono';
import type { Profile, Tenant } from '../directory/directory.ts';
import { callerOf, tenantOf } from '../http/caller.ts';
import { ok, refused } from '../http/envelope.ts';
import { page } from '../http/input.ts';
import { isRefusal, refuse } from '../refusals.ts';
import type { RouteDeps } from './deps.ts';

export function userRoutes(deps: RouteDeps): Hono {
  const { directory } = deps;
  const routes = new Hono();
  const shown = (tenant: Tenant, profile: Profile) => profileOnTheWire(tenant, profile, directory.created);

  routes.get('/v3/oauth2/userinfo', async (c) => {
    const caller = await callerOf(deps, c);
    if (isRefusal(caller)) return refused(c, caller);
    const profile = directory.profile(caller.tenant.id, caller.username);
    // A service has a name and nothing else.
    const result = profile === undefined ? { username: caller.username } : shown(caller.tenant, profile);
    return ok(c, result, 'User profile retrieved.');
  });

  routes.get('/v3/oauth2/profiles', async (c) => {
    const caller = await callerOf(deps, c);
    if (isRefusal(caller)) return refused(c, caller);
    const profiles = directory.profiles(caller.tenant.id).map((profile) => shown(caller.tenant, profile));
    return ok(c, page(c, profiles), 'User profiles retrieved.');
  });

  routes.get('/v3/oauth2/profiles/:username', async (c) => {
    const caller = await callerOf(deps, c);
    if (isRefusal(caller)) return refused(c, caller);
    const profile = directory.profile(caller.tenant.id, c.req.param('username'));
    if (profile === undefined) return refused(c, refuse('unknown-user'));
    return ok(c, shown(caller.tenant, profile), 'User profile retrieved.');
  });

  // Not secret here, and asked by services before they have a token; the real Security Kernel wants a service token.
  routes.get('/v3/security/user/roles/:username', (c) => {
    const named = c.req.query('tenant');
    const tenant = named === undefined ? tenantOf(deps, c) : directory.tenant(named);
    if (tenant === undefined) return refused(c, refuse('unknown-tenant'));
    const names = directory.rolesOf(tenant.id, c.req.param('username'));
    return ok(c, { names }, 'Roles retrieved.');
  });
  return routes;
}

function profileOnTheWire(tenant: Tenant, profile: Profile, created: string): Readonly<Record<string, unknown>> {
  const [given, ...rest] = profile.name.split(' ');
  return {
    username: profile.username,
    email: profile.email,
    name: profile.name,
    given_name: given,
    last_name: rest.join(' '),
    dn: `uid=${profile.username},ou=people,dc=${tenant.id}`,
    create_time: created,
  };
}
