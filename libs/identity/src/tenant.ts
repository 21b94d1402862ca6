// What a tenant and a site are, as the Tenants API describes them (clients.md 6.1), and on which hosts a tenant is
// served. Parsing only.
import { subjectTokenPattern } from '@pods/contracts';
import { z } from 'zod';

const listOf = z.object({ result: z.array(z.unknown()) });

const tenantSchema = z.object({
  // It becomes a token of subjects and a part of cluster names.
  tenant_id: z.string().regex(subjectTokenPattern),
  base_url: z.url({ protocol: /^https?$/ }),
  site_id: z.string().min(1),
  public_key: z.string().min(1),
});

const siteSchema = z.object({
  site_id: z.string().min(1),
  primary: z.boolean().default(false),
  services: z.array(z.string()).default([]),
  tenant_base_url_template: z.string().default(''),
});

export interface Tenant {
  readonly tenantId: string;
  /** As published: scheme, host, port, no trailing slash. */
  readonly baseUrl: string;
  /** Host of {@link baseUrl}, lower case, with its port unless that is the scheme's own. */
  readonly host: string;
  readonly siteId: string;
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

export interface Site {
  readonly siteId: string;
  readonly primary: boolean;
  readonly services: readonly string[];
  /** The primary site's form of tenant addresses, with `${tenant_id}` in it; may be empty. */
  readonly tenantBaseUrlTemplate: string;
}

/** Entries that could be read, and how many could not: one broken entry must not take the others away. */
export interface Parsed<Item> {
  readonly items: readonly Item[];
  readonly unreadable: number;
}

/** Reads the reply of `GET /v3/tenants`; undefined when it is no list at all. */
export function parseTenants(reply: unknown): Parsed<Tenant> | undefined {
  return parseList(reply, (entry) => {
    const parsed = tenantSchema.safeParse(entry);
    if (!parsed.success) return undefined;
    const baseUrl = parsed.data.base_url.replace(/\/+$/, '');
    return {
      tenantId: parsed.data.tenant_id,
      baseUrl,
      host: new URL(baseUrl).host,
      siteId: parsed.data.site_id,
      publicKey: parsed.data.public_key,
    };
  });
}

/** Reads the reply of `GET /v3/sites`; undefined when it is no list at all. */
export function parseSites(reply: unknown): Parsed<Site> | undefined {
  return parseList(reply, (entry) => {
    const parsed = siteSchema.safeParse(entry);
    if (!parsed.success) return undefined;
    const { site_id: siteId, primary, services, tenant_base_url_template: tenantBaseUrlTemplate } = parsed.data;
    return { siteId, primary, services, tenantBaseUrlTemplate };
  });
}

function parseList<Item>(reply: unknown, parse: (entry: unknown) => Item | undefined): Parsed<Item> | undefined {
  const list = listOf.safeParse(reply);
  if (!list.success) return undefined;
  const items = list.data.result.map(parse).filter((item) => item !== undefined);
  return { items, unreadable: list.data.result.length - items.length };
}

/** A `Host` header in the form of {@link Tenant.host}: lower case, without a port that a scheme implies. */
export function normalHost(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)$/, '');
}

/** The name in a `Host` header without its port. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

/** Every host under which a tenant is served: its own, and the primary site's form of it (pods-api.md section 9). */
export function hostsOf(tenant: Tenant, sites: readonly Site[]): readonly string[] {
  const template = sites.find((site) => site.primary)?.tenantBaseUrlTemplate ?? '';
  if (!template.includes('${tenant_id}')) return [tenant.host];
  const url = template.replaceAll('${tenant_id}', tenant.tenantId);
  return URL.canParse(url) ? [tenant.host, new URL(url).host] : [tenant.host];
}

/**
 * Whether this installation, which runs for `siteId`, serves a tenant: one of its own site, or, on the primary
 * site, one of a site that does not run its own Pods service (pods-api.md section 9).
 */
export function isServedBy(tenant: Tenant, siteId: string, sites: readonly Site[]): boolean {
  if (tenant.siteId === siteId) return true;
  const own = sites.find((site) => site.siteId === siteId);
  const owner = sites.find((site) => site.siteId === tenant.siteId);
  return own?.primary === true && owner !== undefined && !owner.services.includes('pods');
}
