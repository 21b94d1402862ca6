// The readable file of tenants, users, services and clients: its shape, and what must fit together in it. No I/O.
import { parse } from 'yaml';
import { z } from 'zod';

const tenantId = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and dashes');
// Permission lists give `*`, `:` and `tenant.` a meaning of their own.
const username = z.string().regex(/^(?!tenant\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, 'is no user name');
const baseUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !url.endsWith('/'), 'must not end with a slash: clients compare it character by character');

const fileSchema = z.strictObject({
  development_only: z.literal(true, 'must be true: these passwords can be read by anybody'),
  created: z.iso.datetime(),
  site: z.strictObject({
    id: z.string().regex(/^[a-z0-9-]{1,32}$/),
    base_url: baseUrl,
    admin_tenant: tenantId,
    services: z.array(z.string()),
  }),
  tenants: z.array(z.strictObject({ id: tenantId, base_url: baseUrl, description: z.string() })).min(1),
  users: z.array(
    z.strictObject({
      username,
      password: z.string().min(1),
      name: z.string(),
      email: z.email(),
      tenants: z.array(tenantId).min(1),
      roles: z.array(z.string()).default([]),
    }),
  ),
  services: z.array(z.strictObject({ name: username, password: z.string().min(1), tenant: tenantId })).default([]),
  clients: z
    .array(
      z.strictObject({
        client_id: z.string().min(1),
        client_key: z.string().min(1),
        tenant: tenantId,
        owner: username,
        callback_url: z.url(),
        display_name: z.string().default(''),
        implicit: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** The content of an identity file whose parts fit together. */
export type IdentityFile = z.output<typeof fileSchema>;

/** The file cannot be used; the message names each place and its rule, never a password. */
export class IdentityFileError extends Error {
  override readonly name = 'IdentityFileError';
  readonly code = 'bad_identity_file';
}

/**
 * Reads the file's text; `${NAME}` is replaced by a setting of that name.
 * @throws IdentityFileError
 */
export function parseIdentityFile(text: string, settings: Readonly<Record<string, string>>): IdentityFile {
  const parsed = fileSchema.safeParse(parse(substitute(text, settings)));
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
    throw new IdentityFileError(`the identity file is not usable:\n  ${lines.join('\n  ')}`);
  }
  const problems = misfits(parsed.data);
  if (problems.length > 0) {
    throw new IdentityFileError(`the identity file does not fit together:\n  ${problems.join('\n  ')}`);
  }
  return parsed.data;
}

/** Comments are left alone, so that they can speak of placeholders. */
function substitute(text: string, settings: Readonly<Record<string, string>>): string {
  const fill = (line: string): string =>
    line.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
      const value = settings[name];
      if (value === undefined) throw new IdentityFileError(`the identity file uses \${${name}}, which is no setting`);
      return value;
    });
  return text
    .split('\n')
    .map((line) => (line.trimStart().startsWith('#') ? line : fill(line)))
    .join('\n');
}

function misfits(file: IdentityFile): readonly string[] {
  const tenants = new Set(file.tenants.map(({ id }) => id));
  const unknownTenant = (where: string, id: string): string[] =>
    tenants.has(id) ? [] : [`${where} names the tenant ${id}, which is not in the file`];
  return [
    ...repeated(
      'tenant',
      file.tenants.map(({ id }) => id),
    ),
    ...repeated(
      'base_url',
      file.tenants.map(({ base_url: url }) => new URL(url).host),
    ),
    ...repeated(
      'user',
      file.users.map(({ username: name }) => name),
    ),
    ...repeated(
      'service',
      file.services.map(({ name }) => name),
    ),
    ...repeated(
      'client',
      file.clients.map(({ tenant, client_id: id }) => `${tenant}/${id}`),
    ),
    ...unknownTenant('site.admin_tenant', file.site.admin_tenant),
    ...file.users.flatMap((user) => user.tenants.flatMap((id) => unknownTenant(`user ${user.username}`, id))),
    ...file.services.flatMap(({ name, tenant }) => unknownTenant(`service ${name}`, tenant)),
    ...file.clients.flatMap(({ client_id: id, tenant }) => unknownTenant(`client ${id}`, tenant)),
  ];
}

function repeated(what: string, names: readonly string[]): readonly string[] {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(twice)].map((name) => `the ${what} ${name} is there twice`);
}
