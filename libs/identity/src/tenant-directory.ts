// Which tenants there are: fetched from the Tenants API, kept in memory, asked for again when something unknown or
// unverifiable appears. It judges no token.
import { fetchJson } from './fetch-json.ts';
import type { Clock, IdentityLog } from './ports.ts';
import { IdentityUnavailableError } from './ports.ts';
import { singleFlight } from './single-flight.ts';
import type { Parsed, Site, Tenant } from './tenant.ts';
import { hostsOf, isServedBy, normalHost, parseSites, parseTenants } from './tenant.ts';

export interface TenantDirectoryOptions {
  /** Base URL that serves `/v3/tenants` and `/v3/sites`, without a trailing slash. */
  readonly url: string;
  /** The site that this installation runs for. */
  readonly siteId: string;
  readonly clock: Clock;
  readonly log: IdentityLog;
  readonly timeoutMs?: number;
  /** Age from which the list is fetched again in the background; 10 minutes by default. */
  readonly ageMsMax?: number;
  /** Unknown names ask again at most this often, so that made-up names cost nothing; 5 s by default. */
  readonly unknownIntervalMs?: number;
  /** Failed signatures ask again at most this often; 90 s by default (pods-api.md section 9). */
  readonly badSignatureIntervalMs?: number;
}

export interface TenantDirectory {
  /** Undefined for an id that the Tenants API does not list. @throws IdentityUnavailableError */
  readonly byId: (tenantId: string) => Promise<Tenant | undefined>;
  /** The tenant that is served on a host (with its port). @throws IdentityUnavailableError */
  readonly byHost: (host: string) => Promise<Tenant | undefined>;
  /** Whether this installation serves the tenant. @throws IdentityUnavailableError */
  readonly isServedHere: (tenant: Tenant) => Promise<boolean>;
  /** All tenants that this installation serves. @throws IdentityUnavailableError */
  readonly served: () => Promise<readonly Tenant[]>;
  /** A key may have been replaced: the tenant as listed now; undefined when asked too recently or not answered. */
  readonly afterBadSignature: (tenantId: string) => Promise<Tenant | undefined>;
  /** The key as known now, without asking anybody. */
  readonly knownKey: (tenantId: string) => string | undefined;
}

interface Listing {
  readonly sites: readonly Site[];
  readonly byId: ReadonlyMap<string, Tenant>;
  readonly byHost: ReadonlyMap<string, Tenant>;
  readonly fetchedAt: number;
}

/** An empty directory; the first question fetches. */
export function createTenantDirectory(options: TenantDirectoryOptions): TenantDirectory {
  const { clock, log } = options;
  const { ageMsMax = 600_000, unknownIntervalMs = 5000, badSignatureIntervalMs = 90_000 } = options;
  let listing: Listing | undefined;
  let badSignatureAskedAt = Number.NEGATIVE_INFINITY;

  const refresh = singleFlight(async (): Promise<Listing> => {
    const fetched = await fetchListing(options);
    listing = fetched;
    return fetched;
  });

  const refreshInBackground = (): void => {
    refresh().catch((error: unknown) => log.warn({ err: error }, 'tenants could not be fetched again'));
  };

  const current = async (): Promise<Listing> => {
    if (listing === undefined) return refresh();
    if (clock() - listing.fetchedAt > ageMsMax) refreshInBackground();
    return listing;
  };

  const find = async (look: (listing: Listing) => Tenant | undefined): Promise<Tenant | undefined> => {
    const known = await current();
    const found = look(known);
    if (found !== undefined || clock() - known.fetchedAt < unknownIntervalMs) return found;
    return look(await refresh());
  };

  return {
    byId: (tenantId) => find((list) => list.byId.get(tenantId)),
    byHost: (host) => find((list) => list.byHost.get(normalHost(host))),
    isServedHere: async (tenant) => isServedBy(tenant, options.siteId, (await current()).sites),
    served: async () => {
      const { byId, sites } = await current();
      return [...byId.values()].filter((tenant) => isServedBy(tenant, options.siteId, sites));
    },
    afterBadSignature: async (tenantId) => {
      if (clock() - badSignatureAskedAt < badSignatureIntervalMs) return undefined;
      badSignatureAskedAt = clock();
      try {
        return (await refresh()).byId.get(tenantId);
      } catch (error) {
        log.warn({ err: error }, 'tenants could not be fetched again');
        return undefined;
      }
    },
    knownKey: (tenantId) => listing?.byId.get(tenantId)?.publicKey,
  };
}

async function fetchListing({ url, clock, log, timeoutMs = 5000 }: TenantDirectoryOptions): Promise<Listing> {
  const fetchedAt = clock();
  const [tenantsReply, sitesReply] = await Promise.all([
    fetchOrExplain(`${url}/v3/tenants`, timeoutMs),
    fetchOrExplain(`${url}/v3/sites`, timeoutMs),
  ]);
  const tenants = readable(parseTenants(tenantsReply), `${url}/v3/tenants`, log);
  const sites = readable(parseSites(sitesReply), `${url}/v3/sites`, log);
  const hosts = tenants.flatMap((tenant) => hostsOf(tenant, sites).map((host) => [host, tenant] as const));
  return {
    sites,
    byId: new Map(tenants.map((tenant) => [tenant.tenantId, tenant])),
    byHost: new Map(hosts),
    fetchedAt,
  };
}

async function fetchOrExplain(url: string, timeoutMs: number): Promise<unknown> {
  try {
    return await fetchJson(url, { timeoutMs });
  } catch (error) {
    throw new IdentityUnavailableError(`${url} cannot be read`, { cause: error });
  }
}

function readable<Item>(parsed: Parsed<Item> | undefined, url: string, log: IdentityLog): readonly Item[] {
  if (parsed === undefined) throw new IdentityUnavailableError(`${url} did not answer a list`);
  if (parsed.unreadable > 0) log.warn({ url, unreadable: parsed.unreadable }, 'entries of a list were left out');
  return parsed.items;
}
