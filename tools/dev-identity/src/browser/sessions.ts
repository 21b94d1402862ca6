// Who is logged in with which browser. In memory: a restart asks users to log in again.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@pods/service';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Tenant } from '../directory/directory.ts';
import { createExpiringMap } from '../expiring-map.ts';

export interface Sessions {
  /** The user logged in at this tenant's pages. */
  readonly user: (c: Context, tenant: Tenant) => string | undefined;
  /** Always a new id, so that one planted before the login is worth nothing after it. */
  readonly start: (c: Context, tenant: Tenant, username: string) => void;
  readonly end: (c: Context) => void;
}

const cookieName = 'dev_identity_session';
const path = '/v3/oauth2';
const lifeMs = 8 * 3_600_000;

/** Cookies are sent back only over TLS when the tenant's address is https. */
export function cookieOptions(tenant: Tenant) {
  return { path, httpOnly: true, sameSite: 'Lax', secure: tenant.baseUrl.startsWith('https:') } as const;
}

export function createSessions(clock: Clock): Sessions {
  const sessions = createExpiringMap<{ readonly tenantId: string; readonly username: string }>(clock, lifeMs);
  const drop = (c: Context): void => {
    const id = getCookie(c, cookieName);
    if (id !== undefined) sessions.take(id);
  };
  return {
    user: (c, tenant) => {
      const session = sessions.get(getCookie(c, cookieName) ?? '');
      return session?.tenantId === tenant.id ? session.username : undefined;
    },
    start: (c, tenant, username) => {
      drop(c);
      const id = randomBytes(32).toString('base64url');
      sessions.set(id, { tenantId: tenant.id, username });
      setCookie(c, cookieName, id, cookieOptions(tenant));
    },
    end: (c) => {
      drop(c);
      deleteCookie(c, cookieName, { path });
    },
  };
}
