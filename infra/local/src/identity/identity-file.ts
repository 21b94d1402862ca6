// What the platform needs to know of the identity stand-in's file: the tenants' addresses, and somebody to try things as.
// The file's rules are the stand-in's own business.
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { SettingsError, type Settings } from '../settings/settings.ts';

/** A tenant. Its pods are at `<pod>.pods.<host>`. */
export type Tenant = { readonly id: string; readonly baseUrl: string; readonly host: string };

/** Tenants, the site's own host, and a user of the first tenant. */
export type Identity = {
  readonly siteHost: string;
  readonly tenants: readonly [Tenant, ...Tenant[]];
  readonly user: { readonly name: string; readonly password: string };
};

const tenantSchema = z.object({ id: z.string(), base_url: z.url() });

const fileSchema = z.object({
  site: z.object({ base_url: z.url() }),
  tenants: z.tuple([tenantSchema], tenantSchema),
  users: z.array(z.object({ username: z.string(), password: z.string(), tenants: z.array(z.string()) })),
});

const toTenant = ({ id, base_url: baseUrl }: z.infer<typeof tenantSchema>): Tenant => ({
  id,
  baseUrl,
  host: new URL(baseUrl).hostname,
});

/**
 * Reads the text of an identity file; `${EDGE_PORT}` and `${PODS_SITE}` in it are filled in.
 * @throws Error when it is of another form.
 */
export const parseIdentity = (text: string, site: string, edgePort: number): Identity => {
  const filled = text.replaceAll('${EDGE_PORT}', String(edgePort)).replaceAll('${PODS_SITE}', site);
  const file = fileSchema.parse(parse(filled));
  const [first, ...others] = file.tenants;
  const user = file.users.find(({ tenants }) => tenants.includes(first.id));
  if (user === undefined) throw new Error(`tenant ${first.id} has no user`);
  return {
    siteHost: new URL(file.site.base_url).hostname,
    tenants: [toTenant(first), ...others.map(toTenant)],
    user: { name: user.username, password: user.password },
  };
};

/** Reads the file that the settings name. @throws SettingsError */
export const readIdentity = async ({ identityFile, site, ports }: Settings): Promise<Identity> => {
  try {
    return parseIdentity(await readFile(identityFile, 'utf8'), site, ports.edge);
  } catch (error) {
    throw new SettingsError([
      `--identity-file: ${identityFile} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
};
