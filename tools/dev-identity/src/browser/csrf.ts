// Makes sure that a form was sent from our own page: a hidden field that only our page, with this browser's cookie, can hold.
import { createHmac, randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { sameSecret, type Tenant } from '../directory/directory.ts';
import { cookieOptions } from './sessions.ts';

export interface Csrf {
  /** The value for the hidden field `csrf`; sets the cookie it belongs to when the browser has none. */
  readonly token: (c: Context, tenant: Tenant) => string;
  readonly isGenuine: (c: Context, field: string | undefined) => boolean;
}

const cookieName = 'dev_identity_form';

export function createCsrf(): Csrf {
  const secret = randomBytes(32);
  const tokenOf = (cookie: string): string => createHmac('sha256', secret).update(cookie).digest('base64url');
  return {
    token: (c, tenant) => {
      const known = getCookie(c, cookieName);
      const cookie = known ?? randomBytes(32).toString('base64url');
      if (known === undefined) setCookie(c, cookieName, cookie, cookieOptions(tenant));
      return tokenOf(cookie);
    },
    isGenuine: (c, field) => {
      const cookie = getCookie(c, cookieName);
      return cookie !== undefined && field !== undefined && sameSecret(tokenOf(cookie), field);
    },
  };
}
