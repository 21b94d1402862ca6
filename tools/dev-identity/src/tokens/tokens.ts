// Issues, verifies and revokes tokens. What is in them is decided in claims.ts, who may have one in grants/.
import { randomUUID } from 'node:crypto';
import type { Clock } from '@pods/service';
import { decodeJwt, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import {
  accessClaims,
  holderOfAccess,
  holderOfRefresh,
  refreshClaims,
  type Claims,
  type Holder,
  type Moment,
  type Subject,
} from './claims.ts';
import type { TenantKeys } from './keys.ts';
import type { Revocations } from './revocations.ts';

/** A token as the wire shows it (clients.md 6.2). */
interface Shown {
  readonly expires_at: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly jti: string;
}

/** The result of a token request. */
export interface TokenPair {
  readonly access_token: Shown & { readonly access_token: string; readonly id_token: string };
  readonly refresh_token?: Shown & { readonly refresh_token: string };
}

export interface IssueOptions {
  readonly refreshable: boolean;
  readonly accessLifeMs?: number;
  readonly refreshLifeMs?: number;
}

export interface Tokens {
  readonly issue: (subject: Subject, options: IssueOptions) => Promise<TokenPair>;
  /** The holder of a valid access token of ours that was not revoked. */
  readonly verifyAccess: (token: string) => Promise<Holder | undefined>;
  /** Whom a valid refresh token renews. */
  readonly verifyRefresh: (token: string) => Promise<Holder | undefined>;
  /** Revokes an access or refresh token of ours; anything else is nothing to revoke. */
  readonly revoke: (token: string) => Promise<void>;
}

export interface TokensDeps {
  readonly keys: ReadonlyMap<string, TenantKeys>;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly lifeMs: { readonly access: number; readonly refresh: number };
}

export function createTokens(deps: TokensDeps): Tokens {
  const { keys, revocations, clock, lifeMs } = deps;

  const sign = async (tenantId: string, claims: JWTPayload): Promise<string> => {
    const pair = keys.get(tenantId);
    if (pair === undefined) throw new TypeError(`there is no key for the tenant ${tenantId}`);
    return await new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256' }).sign(pair.privateKey);
  };

  const verify = async (token: string): Promise<JWTPayload | undefined> => {
    const pair = keys.get(tenantNamedIn(token));
    if (pair === undefined) return undefined;
    try {
      const now = new Date(clock.now());
      const { payload } = await jwtVerify(token, pair.publicKey, { algorithms: ['RS256'], currentDate: now });
      return payload;
    } catch {
      return undefined;
    }
  };

  const unlessRevoked = async (holder: Holder | undefined): Promise<Holder | undefined> =>
    holder === undefined || (await revocations.isRevoked(holder.jti)) ? undefined : holder;

  return {
    issue: async (subject, options) => {
      const nowMs = clock.now();
      const accessMoment = { nowMs, lifeMs: options.accessLifeMs ?? lifeMs.access, jti: randomUUID() };
      const claims = accessClaims(subject, accessMoment);
      const access = await sign(subject.tenantId, claims);
      const accessToken = { access_token: access, id_token: access, ...shown(claims, accessMoment) };
      if (!options.refreshable) return { access_token: accessToken };
      const refreshMoment = { nowMs, lifeMs: options.refreshLifeMs ?? lifeMs.refresh, jti: randomUUID() };
      const renewal = refreshClaims(subject, refreshMoment, claims);
      const refresh = await sign(subject.tenantId, renewal);
      return { access_token: accessToken, refresh_token: { refresh_token: refresh, ...shown(renewal, refreshMoment) } };
    },
    verifyAccess: async (token) => await unlessRevoked(holderOfAccess(await verify(token))),
    verifyRefresh: async (token) => await unlessRevoked(holderOfRefresh(await verify(token))),
    revoke: async (token) => {
      const { jti, exp } = (await verify(token)) ?? {};
      if (jti !== undefined && exp !== undefined) await revocations.revoke(jti, exp * 1000);
    },
  };
}

function shown({ jti, exp }: Claims, { lifeMs }: Moment): Shown {
  const expiresAt = new Date(exp * 1000).toISOString().replace('Z', '+00:00');
  return { expires_at: expiresAt, expires_in: Math.floor(lifeMs / 1000), jti };
}

/** Only picks the key to verify with; nothing else is believed before that. */
function tenantNamedIn(token: string): string {
  try {
    const { 'tapis/tenant_id': tenantId } = decodeJwt<{ 'tapis/tenant_id'?: unknown }>(token);
    return typeof tenantId === 'string' ? tenantId : '';
  } catch {
    return '';
  }
}
