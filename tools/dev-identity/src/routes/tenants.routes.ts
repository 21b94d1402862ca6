// GET /v3/tenants, /v3/sites and one of each, without a token (clients.md 6.1).
import { Hono } from 'hono';
import type { Tenant } from '../directory/directory.ts';
import { ok, refused } from '../http/envelope.ts';
import { page } from '../http/input.ts';
import { refuse } from '../refusals.ts';
import type { RouteDeps } from './deps.ts';

export function tenantRoutes(deps: RouteDeps): Hono {
  const { directory } = deps;
  const routes = new Hono();
  const site = siteOnTheWire(deps);

  routes.get('/v3/tenants', (c) => {
    const tenants = directory.tenants.map((tenant) => tenantOnTheWire(deps, tenant));
    return ok(c, page(c, tenants), 'Tenants retrieved.');
  });
  routes.get('/v3/tenants/:tenantId', (c) => {
    const tenant = directory.tenant(c.req.param('tenantId'));
    if (tenant === undefined) return refused(c, refuse('unknown-tenant'));
    return ok(c, tenantOnTheWire(deps, tenant), 'Tenant retrieved.');
  });
  routes.get('/v3/sites', (c) => ok(c, page(c, [site]), 'Sites retrieved.'));
  routes.get('/v3/sites/:siteId', (c) =>
    c.req.param('siteId') === directory.site.id ? ok(c, site, 'Site retrieved.') : refused(c, refuse('unknown-site')),
  );
  return routes;
}

function tenantOnTheWire({ directory, keys }: RouteDeps, tenant: Tenant): Readonly<Record<string, unknown>> {
  return {
    tenant_id: tenant.id,
    base_url: tenant.baseUrl,
    site_id: directory.site.id,
    public_key: keys.get(tenant.id)?.publicPem,
    token_service: `${tenant.baseUrl}/v3/tokens`,
    security_kernel: `${tenant.baseUrl}/v3/security`,
    authenticator: `${tenant.baseUrl}/v3/oauth2`,
    owner: 'dev-identity',
    admin_user: 'dev-identity',
    token_gen_services: ['authenticator', 'tokens'],
    service_ldap_connection_id: null,
    user_ldap_connection_id: null,
    description: tenant.description,
    status: 'active',
    created_by: 'dev-identity',
    last_updated_by: 'dev-identity',
    create_time: directory.created,
    last_update_time: directory.created,
  };
}

function siteOnTheWire({ directory: { site } }: RouteDeps): Readonly<Record<string, unknown>> {
  const url = new URL(site.base_url);
  return {
    site_id: site.id,
    base_url: site.base_url,
    primary: true,
    services: site.services,
    tenant_base_url_template: `${url.protocol}//\${tenant_id}.${url.host}`,
    site_admin_tenant_id: site.admin_tenant,
  };
}
