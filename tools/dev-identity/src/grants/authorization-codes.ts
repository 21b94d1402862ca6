// One-time codes that a browser carries from the authorize page to a client. In memory: a restart asks users again.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@pods/service';
import { createExpiringMap } from '../expiring-map.ts';

/** What a user approved. */
export interface Approval {
  readonly tenantId: string;
  readonly username: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

export interface AuthorizationCodes {
  readonly issue: (approval: Approval) => string;
  /** The approval, once; a second try gets nothing. */
  readonly redeem: (code: string) => Approval | undefined;
}

const codeLifeMs = 600_000;

export function createAuthorizationCodes(clock: Clock): AuthorizationCodes {
  const approvals = createExpiringMap<Approval>(clock, codeLifeMs);
  return {
    issue: (approval) => {
      const code = randomBytes(32).toString('base64url');
      approvals.set(code, approval);
      return code;
    },
    redeem: approvals.take,
  };
}
