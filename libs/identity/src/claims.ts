// The claims of a Tapis token that the platform uses (clients.md section 7, pods-api.md section 9). Parsing only.
import { z } from 'zod';

/**
 * User names appear in permission lists (`name:LEVEL`), where `*` and `tenant.` mean something else, and as actors,
 * where the platform's own are written with a colon.
 */
const usernamePattern = /^(?!tenant\.)[A-Za-z0-9_][A-Za-z0-9._@+-]{0,127}$/;

const claimsSchema = z.object({
  'tapis/tenant_id': z.string(),
  'tapis/token_type': z.literal('access'),
  'tapis/username': z.string().regex(usernamePattern),
  'tapis/account_type': z.enum(['user', 'service']),
  'tapis/target_site': z.string().nullish(),
  exp: z.number(),
});

export interface TokenClaims {
  readonly tenantId: string;
  readonly username: string;
  readonly accountType: 'user' | 'service';
  /** Service tokens: the site where they are valid. */
  readonly targetSite: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Why a token is not accepted. */
export type TokenFault =
  | 'unparsable'
  | 'wrong-algorithm'
  | 'no-tenant'
  | 'unknown-tenant'
  | 'bad-signature'
  | 'expired'
  | 'not-yet-valid'
  | 'has-audience'
  | 'not-an-access-token'
  | 'no-username'
  | 'bad-claims';

/** The claims of a payload whose signature holds, or what is wrong with them. */
export function parseClaims(payload: Readonly<Record<string, unknown>>): TokenClaims | TokenFault {
  if (payload['aud'] !== undefined) return 'has-audience';
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) return faultOf(parsed.error.issues.map((issue) => issue.path[0]));
  const claims = parsed.data;
  return {
    tenantId: claims['tapis/tenant_id'],
    username: claims['tapis/username'],
    accountType: claims['tapis/account_type'],
    targetSite: claims['tapis/target_site'] ?? undefined,
    expiresAt: claims.exp * 1000,
  };
}

function faultOf(claims: readonly (PropertyKey | undefined)[]): TokenFault {
  if (claims.includes('tapis/token_type')) return 'not-an-access-token';
  if (claims.includes('tapis/tenant_id')) return 'no-tenant';
  return claims.includes('tapis/username') ? 'no-username' : 'bad-claims';
}
