// OAuth clients: those of the identity file, which cannot be changed, and those that users made, one file each in the
// state folder. Who may see or change which is the routes' business.
import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createOnce, readIfThere, replaceFile } from '../state-files.ts';

const clientSchema = z.object({
  tenant: z.string(),
  client_id: z.string(),
  client_key: z.string(),
  owner: z.string(),
  callback_url: z.string(),
  display_name: z.string(),
  description: z.string(),
  create_time: z.string(),
  last_update_time: z.string(),
  active: z.boolean(),
  implicit: z.boolean(),
});

/** A client as stored; all of it but `implicit` is shown to its owner. */
export type Client = Readonly<z.output<typeof clientSchema>>;

export interface ClientStore {
  /** Whether it comes from the identity file and cannot be changed. */
  readonly isFixed: (client: Client) => boolean;
  /** Also inactive ones. */
  readonly get: (tenantId: string, clientId: string) => Promise<Client | undefined>;
  readonly ownedBy: (tenantId: string, owner: string) => Promise<readonly Client[]>;
  readonly put: (client: Client) => Promise<void>;
  /** False when there is one of that id already. */
  readonly create: (client: Client) => Promise<boolean>;
}

const nameOf = (tenantId: string, clientId: string): string =>
  `${tenantId}-${createHash('sha256').update(clientId).digest('hex')}.json`;

/** Opens the folder; `fixed` are the clients of the identity file. */
export async function openClientStore(stateDir: string, fixed: readonly Client[]): Promise<ClientStore> {
  const folder = join(stateDir, 'clients');
  await mkdir(folder, { recursive: true, mode: 0o700 });

  const pathOf = (client: Client): string => join(folder, nameOf(client.tenant, client.client_id));
  const textOf = (client: Client): string => `${JSON.stringify(client, null, 2)}\n`;
  const read = async (name: string): Promise<Client | undefined> => {
    const text = await readIfThere(join(folder, name));
    return text === undefined ? undefined : clientSchema.parse(JSON.parse(text));
  };
  const fixedOne = (tenantId: string, clientId: string): Client | undefined =>
    fixed.find((client) => client.tenant === tenantId && client.client_id === clientId);

  return {
    isFixed: (client) => fixedOne(client.tenant, client.client_id) !== undefined,
    get: async (tenantId, clientId) => fixedOne(tenantId, clientId) ?? (await read(nameOf(tenantId, clientId))),
    ownedBy: async (tenantId, owner) => {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
      const stored = await Promise.all(names.map(read));
      return [...fixed, ...stored]
        .filter((client) => client !== undefined)
        .filter((client) => client.tenant === tenantId && client.owner === owner)
        .toSorted((a, b) => (a.client_id < b.client_id ? -1 : 1));
    },
    put: async (client) => {
      await replaceFile(pathOf(client), textOf(client));
    },
    create: async (client) =>
      fixedOne(client.tenant, client.client_id) === undefined && (await createOnce(pathOf(client), textOf(client))),
  };
}
