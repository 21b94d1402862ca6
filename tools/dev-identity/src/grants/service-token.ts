// Tokens for services (POST and PUT /v3/tokens of clients.md 6.4): a service shows its password, or a refresh token.
import { z } from 'zod';
import type { Directory } from '../directory/directory.ts';
import { refuse, type Refusal } from '../refusals.ts';
import type { TokenPair, Tokens } from '../tokens/tokens.ts';
import type { ClientCredentials } from './grant-token.ts';

const seconds = z.number().int().min(1).max(315_360_000);

/** The body of POST /v3/tokens. */
export const serviceTokenSchema = z.object({
  account_type: z.literal('service'),
  token_tenant_id: z.string(),
  token_username: z.string(),
  target_site_id: z.string().nullish(),
  access_token_ttl: seconds.nullish(),
  generate_refresh_token: z.boolean().nullish(),
  refresh_token_ttl: seconds.nullish(),
});

/** The body of PUT /v3/tokens. */
export const serviceRefreshSchema = z.object({ refresh_token: z.string().min(1) });

export interface ServiceTokenDeps {
  readonly directory: Directory;
  readonly tokens: Tokens;
}

const inMs = (ttlSeconds: number | null | undefined, name: 'accessLifeMs' | 'refreshLifeMs') =>
  typeof ttlSeconds === 'number' ? { [name]: ttlSeconds * 1000 } : {};

/** A service gets tokens for itself only. */
export async function grantServiceToken(
  deps: ServiceTokenDeps,
  request: z.output<typeof serviceTokenSchema>,
  credentials: ClientCredentials | undefined,
): Promise<TokenPair | Refusal> {
  const { token_tenant_id: tenantId, token_username: username } = request;
  const tenant = deps.directory.tenant(tenantId);
  if (credentials === undefined || tenant === undefined || credentials.id !== username)
    return refuse('bad-credentials');
  if (!deps.directory.hasServicePassword(tenantId, username, credentials.key)) return refuse('bad-credentials');
  return await deps.tokens.issue(
    {
      tenantId,
      baseUrl: tenant.baseUrl,
      username,
      accountType: 'service',
      clientId: null,
      grantType: 'service',
      targetSite: request.target_site_id ?? deps.directory.site.id,
      refreshCount: 0,
    },
    {
      refreshable: request.generate_refresh_token ?? true,
      ...inMs(request.access_token_ttl, 'accessLifeMs'),
      ...inMs(request.refresh_token_ttl, 'refreshLifeMs'),
    },
  );
}

/** New tokens for a service's refresh token; a user's needs its client and is refused here. */
export async function refreshServiceToken(deps: ServiceTokenDeps, token: string): Promise<TokenPair | Refusal> {
  const holder = await deps.tokens.verifyRefresh(token);
  const tenant = deps.directory.tenant(holder?.tenantId ?? '');
  if (holder === undefined || tenant === undefined || holder.accountType !== 'service') {
    return refuse('bad-refresh-token');
  }
  if (!deps.directory.isService(tenant.id, holder.username)) return refuse('bad-refresh-token');
  return await deps.tokens.issue(
    {
      tenantId: tenant.id,
      baseUrl: tenant.baseUrl,
      username: holder.username,
      accountType: 'service',
      clientId: null,
      grantType: 'refresh_token',
      targetSite: holder.targetSite ?? deps.directory.site.id,
      refreshCount: holder.refreshCount + 1,
    },
    { refreshable: true },
  );
}
