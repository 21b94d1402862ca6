// Who gets a token for what: the grant types of POST /v3/oauth2/tokens (clients.md 6.2).
import { z } from 'zod';
import type { Client, ClientStore } from '../clients/client-store.ts';
import { sameSecret, type Directory, type Tenant } from '../directory/directory.ts';
import { isRefusal, refuse, type Refusal } from '../refusals.ts';
import type { GrantType } from '../tokens/claims.ts';
import type { TokenPair, Tokens } from '../tokens/tokens.ts';
import type { AuthorizationCodes } from './authorization-codes.ts';
import type { DeviceCodes } from './device-codes.ts';

const text = z.string().min(1);
const inBody = { client_id: z.string().nullish(), client_key: z.string().nullish() };

/** Bodies of the known grant types; other fields are ignored, as clients send more than is needed. */
export const grantSchema = z.discriminatedUnion('grant_type', [
  z.object({ grant_type: z.literal('password'), username: text, password: text, ...inBody }),
  z.object({ grant_type: z.literal('authorization_code'), code: text, redirect_uri: text, ...inBody }),
  z.object({ grant_type: z.literal('refresh_token'), refresh_token: text, ...inBody }),
  z.object({ grant_type: z.literal('device_code'), device_code: text, ...inBody }),
]);

export type Grant = z.output<typeof grantSchema>;
type GrantOf<Type extends Grant['grant_type']> = Extract<Grant, { grant_type: Type }>;

export interface GrantDeps {
  readonly directory: Directory;
  readonly clients: ClientStore;
  readonly codes: AuthorizationCodes;
  readonly devices: DeviceCodes;
  readonly tokens: Tokens;
}

export interface ClientCredentials {
  readonly id: string;
  readonly key: string;
}

/** Tokens, or why there are none. `credentials` come from HTTP Basic and win over those in the body. */
export async function grantToken(
  deps: GrantDeps,
  tenant: Tenant,
  grant: Grant,
  credentials: ClientCredentials | undefined,
): Promise<TokenPair | Refusal> {
  const given = credentials ?? credentialsIn(grant);
  switch (grant.grant_type) {
    case 'password':
      return await byPassword(deps, tenant, grant, given);
    case 'authorization_code':
      return await byCode(deps, tenant, grant, given);
    case 'refresh_token':
      return await byRefreshToken(deps, tenant, grant, given);
    case 'device_code':
      return await byDeviceCode(deps, tenant, grant, given?.id ?? grant.client_id ?? undefined);
  }
}

function credentialsIn(grant: Grant): ClientCredentials | undefined {
  const { client_id: id, client_key: key } = grant;
  return typeof id === 'string' && typeof key === 'string' ? { id, key } : undefined;
}

async function knownClient(deps: GrantDeps, tenant: Tenant, given: ClientCredentials): Promise<Client | Refusal> {
  const client = await deps.clients.get(tenant.id, given.id);
  const keyFits = sameSecret(client?.client_key ?? '', given.key);
  return client?.active === true && keyFits ? client : refuse('bad-client');
}

interface Login {
  readonly username: string;
  readonly client: Client | undefined;
  readonly grantType: GrantType;
  readonly redirectUri?: string;
  readonly refreshCount?: number;
}

async function tokensFor(deps: GrantDeps, tenant: Tenant, login: Login): Promise<TokenPair> {
  const { client, username, grantType, redirectUri, refreshCount = 0 } = login;
  const refreshable = client !== undefined;
  const subject = {
    tenantId: tenant.id,
    baseUrl: tenant.baseUrl,
    username,
    accountType: 'user' as const,
    clientId: client?.client_id ?? null,
    grantType,
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(refreshable ? { refreshCount } : {}),
  };
  return await deps.tokens.issue(subject, { refreshable });
}

async function byPassword(
  deps: GrantDeps,
  tenant: Tenant,
  { username, password }: GrantOf<'password'>,
  given: ClientCredentials | undefined,
): Promise<TokenPair | Refusal> {
  const client = given === undefined ? undefined : await knownClient(deps, tenant, given);
  if (isRefusal(client)) return client;
  if (!deps.directory.hasPassword(tenant.id, username, password)) return refuse('bad-credentials');
  return await tokensFor(deps, tenant, { username, client, grantType: 'password' });
}

async function byCode(
  deps: GrantDeps,
  tenant: Tenant,
  { code, redirect_uri: redirectUri }: GrantOf<'authorization_code'>,
  given: ClientCredentials | undefined,
): Promise<TokenPair | Refusal> {
  if (given === undefined) return refuse('client-required');
  const client = await knownClient(deps, tenant, given);
  if (isRefusal(client)) return client;
  // Redeemed before it is judged: a code that was shown to the wrong client must not be good for another try.
  const approval = deps.codes.redeem(code);
  if (approval?.clientId !== client.client_id || approval.tenantId !== tenant.id) return refuse('bad-code');
  if (redirectUri !== approval.redirectUri || redirectUri !== client.callback_url) return refuse('bad-redirect-uri');
  const { username } = approval;
  return await tokensFor(deps, tenant, { username, client, grantType: 'authorization_code', redirectUri });
}

async function byRefreshToken(
  deps: GrantDeps,
  tenant: Tenant,
  grant: GrantOf<'refresh_token'>,
  given: ClientCredentials | undefined,
): Promise<TokenPair | Refusal> {
  if (given === undefined) return refuse('client-required');
  const client = await knownClient(deps, tenant, given);
  if (isRefusal(client)) return client;
  const holder = await deps.tokens.verifyRefresh(grant.refresh_token);
  if (holder?.clientId !== client.client_id || holder.tenantId !== tenant.id) return refuse('bad-refresh-token');
  // The identity file may have changed since.
  if (deps.directory.profile(tenant.id, holder.username) === undefined) return refuse('bad-refresh-token');
  return await tokensFor(deps, tenant, {
    username: holder.username,
    client,
    grantType: 'refresh_token',
    refreshCount: holder.refreshCount + 1,
    ...(holder.redirectUri === undefined ? {} : { redirectUri: holder.redirectUri }),
  });
}

async function byDeviceCode(
  deps: GrantDeps,
  tenant: Tenant,
  grant: GrantOf<'device_code'>,
  clientId: string | undefined,
): Promise<TokenPair | Refusal> {
  if (clientId === undefined) return refuse('client-required');
  const client = await deps.clients.get(tenant.id, clientId);
  if (client?.active !== true) return refuse('bad-client');
  const device = deps.devices.poll(grant.device_code);
  if (device?.clientId !== clientId || device.tenantId !== tenant.id) return refuse('bad-code');
  if (device.username === undefined) return refuse('authorization-pending');
  return await tokensFor(deps, tenant, { username: device.username, client, grantType: 'device_code' });
}
