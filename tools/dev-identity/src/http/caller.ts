// Who makes a request: which tenant its address names, and whom its token speaks for.
import type { Context } from 'hono';
import type { Directory, Tenant } from '../directory/directory.ts';
import { refuse, type Refusal } from '../refusals.ts';
import type { Tokens } from '../tokens/tokens.ts';

export interface CallerDeps {
  readonly directory: Directory;
  readonly tokens: Tokens;
}

export interface Caller {
  readonly tenant: Tenant;
  readonly username: string;
}

/** The tenant of the request's address; the first one for addresses that name none, such as 127.0.0.1. */
export function tenantOf({ directory }: Pick<CallerDeps, 'directory'>, c: Context): Tenant {
  return directory.tenantOfHost(c.req.header('host')) ?? directory.defaultTenant;
}

/** The caller by its X-Tapis-Token. A service acts as the user and in the tenant that it names in X-Tapis-User and X-Tapis-Tenant. */
export async function callerOf({ directory, tokens }: CallerDeps, c: Context): Promise<Caller | Refusal> {
  const token = c.req.header('x-tapis-token');
  if (token === undefined || token === '') return refuse('no-token');
  const holder = await tokens.verifyAccess(token);
  const own = directory.tenant(holder?.tenantId ?? '');
  if (holder === undefined || own === undefined) return refuse('bad-token');
  if (holder.accountType === 'service') return onBehalf(directory, c, { tenant: own, username: holder.username });
  const addressed = directory.tenantOfHost(c.req.header('host'));
  if (addressed !== undefined && addressed.id !== own.id) return refuse('wrong-tenant');
  return { tenant: own, username: holder.username };
}

function onBehalf(directory: Directory, c: Context, service: Caller): Caller | Refusal {
  const tenant = directory.tenant(c.req.header('x-tapis-tenant') ?? service.tenant.id);
  if (tenant === undefined) return refuse('unknown-tenant');
  return { tenant, username: c.req.header('x-tapis-user') ?? service.username };
}
