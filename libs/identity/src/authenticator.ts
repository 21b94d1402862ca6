// Who is asking, and for which tenant: from the token, the request's host and the on-behalf-of headers
// (pods-api.md section 9). What the caller may do is decided elsewhere.
import type { TokenClaims, TokenFault } from './claims.ts';
import type { TenantDirectory } from './tenant-directory.ts';
import type { Tenant } from './tenant.ts';
import { hostName } from './tenant.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** The parts of a request that say who asks. Empty texts count as absent. */
export interface Credentials {
  /** `X-Tapis-Token`. */
  readonly token: string | undefined;
  /** The `Host` header, with its port. */
  readonly host: string | undefined;
  /** `X-Tapis-Tenant` and `X-Tapis-User`: service tokens only. */
  readonly onBehalfOfTenant: string | undefined;
  readonly onBehalfOfUser: string | undefined;
}

export interface Caller {
  readonly tenant: Tenant;
  /** For a service token the service's own name: permissions are judged for it, not for whom it speaks. */
  readonly user: string;
  readonly accountType: 'user' | 'service';
}

export type AuthenticationRefusal =
  | { readonly code: 'TokenMissing' }
  | { readonly code: 'TokenInvalid'; readonly fault: TokenFault; readonly tenantId?: string | undefined }
  | { readonly code: 'TenantMismatch'; readonly tokenTenant: string; readonly requestTenant: string }
  | { readonly code: 'UnknownHost'; readonly host: string }
  | { readonly code: 'OnBehalfOfRefused' }
  | { readonly code: 'OnBehalfOfIncomplete' }
  | { readonly code: 'WrongSite'; readonly siteId: string };

export type Authentication =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly refusal: AuthenticationRefusal };

export interface AuthenticatorOptions {
  readonly tenants: TenantDirectory;
  readonly tokens: TokenVerifier;
  /** The site that this installation runs for. */
  readonly siteId: string;
  /** Host names, without port, for which the tenant comes from the token; such as `localhost`. */
  readonly internalHosts: readonly string[];
}

export interface Authenticator {
  /** @throws IdentityUnavailableError when the tenants cannot be fetched. */
  readonly authenticate: (credentials: Credentials) => Promise<Authentication>;
}

const refused = (refusal: AuthenticationRefusal): Authentication => ({ kind: 'refused', refusal });

/** Puts token verification and tenant resolution together. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  return {
    authenticate: async (credentials) => {
      if (!credentials.token) return refused({ code: 'TokenMissing' });
      const verdict = await options.tokens.verify(credentials.token);
      if (verdict.kind === 'invalid') {
        return refused({ code: 'TokenInvalid', fault: verdict.fault, tenantId: verdict.tenantId });
      }
      const { claims } = verdict;
      const resolved =
        claims.accountType === 'service'
          ? await tenantOfService(options, claims, credentials)
          : await tenantOfUser(options, claims, credentials);
      if ('code' in resolved) return refused(resolved);
      return { kind: 'caller', caller: { tenant: resolved, user: claims.username, accountType: claims.accountType } };
    },
  };
}

async function tenantOfUser(
  { tenants, internalHosts }: AuthenticatorOptions,
  claims: TokenClaims,
  { host, onBehalfOfTenant, onBehalfOfUser }: Credentials,
): Promise<Tenant | AuthenticationRefusal> {
  if (onBehalfOfTenant || onBehalfOfUser) return { code: 'OnBehalfOfRefused' };
  if (!host) return { code: 'UnknownHost', host: '' };
  const tenant = internalHosts.includes(hostName(host))
    ? await tenants.byId(claims.tenantId)
    : await tenants.byHost(host);
  if (tenant === undefined || !(await tenants.isServedHere(tenant))) return { code: 'UnknownHost', host };
  if (tenant.tenantId === claims.tenantId) return tenant;
  return { code: 'TenantMismatch', tokenTenant: claims.tenantId, requestTenant: tenant.tenantId };
}

async function tenantOfService(
  { tenants, siteId }: AuthenticatorOptions,
  claims: TokenClaims,
  { onBehalfOfTenant, onBehalfOfUser }: Credentials,
): Promise<Tenant | AuthenticationRefusal> {
  if (!onBehalfOfTenant || !onBehalfOfUser) return { code: 'OnBehalfOfIncomplete' };
  if (claims.targetSite !== siteId) return { code: 'WrongSite', siteId };
  const tenant = await tenants.byId(onBehalfOfTenant);
  if (tenant === undefined || !(await tenants.isServedHere(tenant))) return { code: 'WrongSite', siteId };
  return tenant;
}
