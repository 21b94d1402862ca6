// Tenants, token verification, and who is a service admin.
export * from './authenticator.ts';
export type { TokenClaims, TokenFault } from './claims.ts';
export { IdentityUnavailableError } from './ports.ts';
export type { Clock, IdentityLog } from './ports.ts';
export * from './roles.ts';
export type { Tenant } from './tenant.ts';
export * from './tenant-directory.ts';
export * from './token-verifier.ts';
