// Judging a token: signature by its tenant's key, times, claims. Which tenant a request is for is decided elsewhere.
import { createHash } from 'node:crypto';
import type { CryptoKey } from 'jose';
import { decodeJwt, decodeProtectedHeader, errors, importSPKI, jwtVerify } from 'jose';
import { createBoundedMap } from './bounded-map.ts';
import type { TokenClaims, TokenFault } from './claims.ts';
import { parseClaims } from './claims.ts';
import type { Clock } from './ports.ts';
import type { TenantDirectory } from './tenant-directory.ts';

export type TokenVerdict =
  | { readonly kind: 'valid'; readonly claims: TokenClaims }
  | { readonly kind: 'invalid'; readonly fault: TokenFault; readonly tenantId?: string | undefined };

export interface TokenVerifierOptions {
  readonly tenants: TenantDirectory;
  readonly clock: Clock;
  /** Tokens remembered as verified until they expire; 10,000 by default. */
  readonly rememberedMax?: number;
}

export interface TokenVerifier {
  /** @throws IdentityUnavailableError when the tenants cannot be fetched. */
  readonly verify: (token: string) => Promise<TokenVerdict>;
}

/** Anything longer is no token of ours; characters. */
const tokenLengthMax = 16_384;

interface Remembered {
  readonly claims: TokenClaims;
  /** The key that it was verified with: a replaced key makes the token unknown again. */
  readonly publicKey: string;
}

/** A verifier with an empty memory. */
export function createTokenVerifier({ tenants, clock, rememberedMax = 10_000 }: TokenVerifierOptions): TokenVerifier {
  const remembered = createBoundedMap<string, Remembered>(rememberedMax);
  const keyOf = createKeyCache();

  const fromMemory = (id: string): TokenClaims | undefined => {
    const known = remembered.get(id);
    if (known === undefined) return undefined;
    const stillGood = known.claims.expiresAt > clock() && tenants.knownKey(known.claims.tenantId) === known.publicKey;
    if (stillGood) return known.claims;
    remembered.delete(id);
    return undefined;
  };

  return {
    verify: async (token) => {
      const id = createHash('sha256').update(token).digest('base64');
      const known = fromMemory(id);
      if (known !== undefined) return { kind: 'valid', claims: known };
      const unverified = readUnverified(token);
      if ('fault' in unverified) return { kind: 'invalid', ...unverified };
      const { tenantId } = unverified;
      const tenant = await tenants.byId(tenantId);
      if (tenant === undefined) return { kind: 'invalid', fault: 'unknown-tenant', tenantId };
      const check = async (publicKey: string): Promise<TokenVerdict> => {
        const verdict = await checkWithKey(token, await keyOf(publicKey), clock());
        if (verdict.kind === 'valid') remembered.set(id, { claims: verdict.claims, publicKey });
        return verdict;
      };
      const first = await check(tenant.publicKey);
      if (first.kind === 'valid' || first.fault !== 'bad-signature') return first;
      const listed = await tenants.afterBadSignature(tenantId);
      return listed === undefined || listed.publicKey === tenant.publicKey ? first : check(listed.publicKey);
    },
  };
}

function readUnverified(token: string): { readonly tenantId: string } | { readonly fault: TokenFault } {
  if (token.length > tokenLengthMax) return { fault: 'unparsable' };
  try {
    if (decodeProtectedHeader(token).alg !== 'RS256') return { fault: 'wrong-algorithm' };
    const tenantId = decodeJwt(token)['tapis/tenant_id'];
    return typeof tenantId === 'string' ? { tenantId } : { fault: 'no-tenant' };
  } catch {
    return { fault: 'unparsable' };
  }
}

/** Undefined stands for a key that is no public key: nothing can be verified with it. */
function createKeyCache(): (publicKey: string) => Promise<CryptoKey | undefined> {
  const keys = createBoundedMap<string, Promise<CryptoKey | undefined>>(1000);
  return (publicKey) => {
    const known = keys.get(publicKey);
    if (known !== undefined) return known;
    const imported = importSPKI(publicKey, 'RS256').catch(() => undefined);
    keys.set(publicKey, imported);
    return imported;
  };
}

async function checkWithKey(token: string, key: CryptoKey | undefined, now: number): Promise<TokenVerdict> {
  if (key === undefined) return { kind: 'invalid', fault: 'bad-signature' };
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['RS256'],
      requiredClaims: ['exp'],
      currentDate: new Date(now),
    });
    const claims = parseClaims(payload);
    return typeof claims === 'string' ? { kind: 'invalid', fault: claims } : { kind: 'valid', claims };
  } catch (error) {
    return { kind: 'invalid', fault: faultOf(error) };
  }
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'nbf' ? 'not-yet-valid' : 'bad-claims';
  if (error instanceof errors.JOSEError) return 'unparsable';
  throw error;
}
