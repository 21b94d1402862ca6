// The claims of Tapis tokens (clients.md section 7). Pure: times and ids are handed in.
import { z } from 'zod';

/** How a token was asked for. */
export type GrantType = 'password' | 'authorization_code' | 'refresh_token' | 'device_code' | 'implicit' | 'service';

/** Who a token speaks for, and how it came to be. */
export interface Subject {
  readonly tenantId: string;
  readonly baseUrl: string;
  readonly username: string;
  readonly accountType: 'user' | 'service';
  readonly clientId: string | null;
  readonly grantType: GrantType;
  readonly redirectUri?: string;
  /** Service tokens: the site where they are valid. */
  readonly targetSite?: string;
  /** How many times the token was refreshed since the user logged in; absent when it cannot be. */
  readonly refreshCount?: number;
}

export interface Moment {
  readonly nowMs: number;
  readonly lifeMs: number;
  /** A UUID. */
  readonly jti: string;
}

/** No `aud`, `iat` or `nbf`: clients verify ordinary tokens without expecting an audience, and clocks differ. */
export type Claims = Readonly<Record<string, unknown>> & { readonly jti: string; readonly exp: number };

function common(subject: Subject, moment: Moment): { jti: string; iss: string; sub: string; exp: number } {
  return {
    jti: moment.jti,
    iss: `${subject.baseUrl}/v3/tokens`,
    sub: `${subject.username}@${subject.tenantId}`,
    exp: Math.floor((moment.nowMs + moment.lifeMs) / 1000),
  };
}

/** Claims of an access token. */
export function accessClaims(subject: Subject, moment: Moment): Claims {
  return {
    ...common(subject, moment),
    'tapis/tenant_id': subject.tenantId,
    'tapis/token_type': 'access',
    'tapis/username': subject.username,
    'tapis/account_type': subject.accountType,
    'tapis/delegation': false,
    'tapis/delegation_sub': null,
    'tapis/client_id': subject.clientId,
    'tapis/grant_type': subject.grantType,
    ...(subject.redirectUri === undefined ? {} : { 'tapis/redirect_uri': subject.redirectUri }),
    ...(subject.targetSite === undefined ? {} : { 'tapis/target_site': subject.targetSite }),
    ...(subject.refreshCount === undefined ? {} : { 'tapis/refresh_count': subject.refreshCount }),
  };
}

/** Claims of a refresh token: no user name of its own, but the claims of the access token it renews. */
export function refreshClaims(subject: Subject, moment: Moment, access: Claims): Claims {
  return {
    ...common(subject, moment),
    'tapis/tenant_id': subject.tenantId,
    'tapis/token_type': 'refresh',
    'tapis/initial_ttl': Math.floor(moment.lifeMs / 1000),
    'tapis/access_token': access,
  };
}

const accessSchema = z.object({
  jti: z.string(),
  exp: z.number(),
  'tapis/tenant_id': z.string(),
  'tapis/token_type': z.literal('access'),
  'tapis/username': z.string(),
  'tapis/account_type': z.enum(['user', 'service']),
  'tapis/client_id': z.string().nullable(),
  'tapis/redirect_uri': z.string().optional(),
  'tapis/target_site': z.string().optional(),
  'tapis/refresh_count': z.number().optional(),
});

const refreshSchema = z.object({
  jti: z.string(),
  exp: z.number(),
  'tapis/tenant_id': z.string(),
  'tapis/token_type': z.literal('refresh'),
  'tapis/access_token': accessSchema,
});

/** Who holds a token. */
export interface Holder {
  readonly jti: string;
  readonly tenantId: string;
  readonly username: string;
  readonly accountType: 'user' | 'service';
  readonly clientId: string | null;
  readonly redirectUri: string | undefined;
  readonly targetSite: string | undefined;
  readonly refreshCount: number;
}

/** The holder of an access token of ours, from verified claims; undefined for any other token. */
export function holderOfAccess(claims: unknown): Holder | undefined {
  const parsed = accessSchema.safeParse(claims);
  return parsed.success ? holder(parsed.data, parsed.data.jti) : undefined;
}

/** Whom a refresh token of ours renews, from verified claims; `jti` is the refresh token's own. */
export function holderOfRefresh(claims: unknown): Holder | undefined {
  const parsed = refreshSchema.safeParse(claims);
  return parsed.success ? holder(parsed.data['tapis/access_token'], parsed.data.jti) : undefined;
}

function holder(access: z.output<typeof accessSchema>, jti: string): Holder {
  return {
    jti,
    tenantId: access['tapis/tenant_id'],
    username: access['tapis/username'],
    accountType: access['tapis/account_type'],
    clientId: access['tapis/client_id'],
    redirectUri: access['tapis/redirect_uri'],
    targetSite: access['tapis/target_site'],
    refreshCount: access['tapis/refresh_count'] ?? 0,
  };
}
