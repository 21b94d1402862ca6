// Answers questions about tenants, users, services and roles from the identity file. The only code that sees passwords.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IdentityFile } from './identity-file.ts';

export interface Tenant {
  readonly id: string;
  /** As users type it, no slash at the end. */
  readonly baseUrl: string;
  readonly description: string;
}

export interface Profile {
  readonly username: string;
  readonly name: string;
  readonly email: string;
}

export interface Directory {
  readonly site: IdentityFile['site'];
  /** When everything in the file is said to have been created. */
  readonly created: string;
  readonly tenants: readonly Tenant[];
  readonly tenant: (id: string) => Tenant | undefined;
  /** The tenant that a request's `Host` belongs to. */
  readonly tenantOfHost: (host: string | undefined) => Tenant | undefined;
  /** The tenant of requests whose `Host` belongs to none. */
  readonly defaultTenant: Tenant;
  readonly profile: (tenantId: string, username: string) => Profile | undefined;
  readonly profiles: (tenantId: string) => readonly Profile[];
  readonly hasPassword: (tenantId: string, username: string, password: string) => boolean;
  readonly rolesOf: (tenantId: string, username: string) => readonly string[];
  readonly isService: (tenantId: string, name: string) => boolean;
  readonly hasServicePassword: (tenantId: string, name: string, password: string) => boolean;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether two secrets are equal, in a time that tells nothing about either. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

/** @param file as read by `parseIdentityFile`. */
export function createDirectory(file: IdentityFile): Directory {
  const tenants: readonly [Tenant, ...Tenant[]] = nonEmpty(
    file.tenants.map(({ id, base_url: url, description }) => ({ id, baseUrl: url, description })),
  );
  const usersOf = (tenantId: string) => file.users.filter((user) => user.tenants.includes(tenantId));
  const userOf = (tenantId: string, username: string) =>
    usersOf(tenantId).find((candidate) => candidate.username === username);
  const serviceOf = (tenantId: string, name: string) =>
    file.services.find((service) => service.name === name && service.tenant === tenantId);
  const byHost = (matches: (url: URL) => boolean): Tenant | undefined =>
    tenants.find(({ baseUrl }) => matches(new URL(baseUrl)));

  return {
    site: file.site,
    created: file.created,
    tenants,
    tenant: (id) => tenants.find((tenant) => tenant.id === id),
    tenantOfHost: (host = '') => {
      const wanted = host.toLowerCase();
      const [name = ''] = wanted.split(':');
      return byHost((url) => url.host === wanted) ?? byHost((url) => url.hostname === name);
    },
    defaultTenant: tenants[0],
    profile: (tenantId, username) => withoutSecrets(userOf(tenantId, username)),
    profiles: (tenantId) => usersOf(tenantId).map(withoutSecrets),
    hasPassword: (tenantId, username, password) => passwordFits(userOf(tenantId, username)?.password, password),
    rolesOf: (tenantId, username) => userOf(tenantId, username)?.roles ?? [],
    isService: (tenantId, name) => serviceOf(tenantId, name) !== undefined,
    hasServicePassword: (tenantId, name, password) => passwordFits(serviceOf(tenantId, name)?.password, password),
  };
}

/** Compares even when there is no such user, so that the time does not tell who exists. */
function passwordFits(known: string | undefined, given: string): boolean {
  return sameSecret(known ?? '', given) && known !== undefined;
}

function withoutSecrets<User extends Profile | undefined>(user: User): User extends undefined ? undefined : Profile;
function withoutSecrets(user: Profile | undefined): Profile | undefined {
  return user === undefined ? undefined : { username: user.username, name: user.name, email: user.email };
}

function nonEmpty<Item>(items: readonly Item[]): readonly [Item, ...Item[]] {
  const [first, ...rest] = items;
  if (first === undefined) throw new TypeError('the identity file has no tenant');
  return [first, ...rest];
}
