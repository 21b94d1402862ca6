// OAuth clients of the calling user: create, list, get, update, delete (clients.md 6.4).
import { randomBytes } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { Client } from '../clients/client-store.ts';
import { callerOf, type Caller } from '../http/caller.ts';
import { ok, refused } from '../http/envelope.ts';
import { page, readBody } from '../http/input.ts';
import { isRefusal, refuse, type Refusal } from '../refusals.ts';
import type { RouteDeps } from './deps.ts';

// Browsers are sent there, so only addresses of web pages; a fragment would never reach the client's server.
const callbackUrl = z.union([
  z.literal(''),
  z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).refine((url) => !url.includes('#'), {
    message: 'must not hold a fragment',
  }),
]);
const shortText = z.string().max(1024);
const clientId = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,128}$/, 'must be letters, digits, dots, dashes or underscores, at most 128');

const createSchema = z.strictObject({
  client_id: clientId.nullish(),
  client_key: z.string().min(1).max(256).nullish(),
  callback_url: callbackUrl.nullish(),
  display_name: shortText.nullish(),
  description: shortText.nullish(),
});
const updateSchema = z.strictObject({ callback_url: callbackUrl.nullish(), display_name: shortText.nullish() });

export function clientRoutes(deps: RouteDeps): Hono {
  const routes = new Hono();

  routes.post('/v3/oauth2/clients', async (c) => {
    const caller = await callerOf(deps, c);
    if (isRefusal(caller)) return refused(c, caller);
    const read = await readBody(c, createSchema);
    if (isRefusal(read)) return refused(c, read);
    const client = newClient(caller, read.body, new Date(deps.clock.now()).toISOString());
    const stored = await store(deps, client);
    return isRefusal(stored) ? refused(c, stored) : ok(c, onTheWire(client), 'Client created successfully.');
  });

  routes.get('/v3/oauth2/clients', async (c) => {
    const caller = await callerOf(deps, c);
    if (isRefusal(caller)) return refused(c, caller);
    const all = await deps.clients.ownedBy(caller.tenant.id, caller.username);
    const withInactive = /^true$/i.test(c.req.query('show_inactive') ?? '');
    const shown = all.filter(({ active }) => active || withInactive).map(onTheWire);
    return ok(c, page(c, shown), 'Clients retrieved successfully.');
  });

  routes.get('/v3/oauth2/clients/:clientId', async (c) => {
    const client = await ownClient(deps, c);
    return isRefusal(client) ? refused(c, client) : ok(c, onTheWire(client), 'Client retrieved successfully.');
  });

  routes.put('/v3/oauth2/clients/:clientId', async (c) => {
    const client = await changeableClient(deps, c);
    if (isRefusal(client)) return refused(c, client);
    const read = await readBody(c, updateSchema);
    if (isRefusal(read)) return refused(c, read);
    const changed = {
      ...client,
      callback_url: read.body.callback_url ?? client.callback_url,
      display_name: read.body.display_name ?? client.display_name,
      last_update_time: new Date(deps.clock.now()).toISOString(),
    };
    await deps.clients.put(changed);
    return ok(c, onTheWire(changed), 'Client updated successfully.');
  });

  routes.delete('/v3/oauth2/clients/:clientId', async (c) => {
    const client = await changeableClient(deps, c);
    if (isRefusal(client)) return refused(c, client);
    await deps.clients.put({ ...client, active: false, last_update_time: new Date(deps.clock.now()).toISOString() });
    return ok(c, null, 'Client deleted successfully.');
  });
  return routes;
}

function newClient(caller: Caller, body: z.output<typeof createSchema>, now: string): Client {
  return {
    tenant: caller.tenant.id,
    owner: caller.username,
    client_id: body.client_id ?? randomBytes(12).toString('hex'),
    client_key: body.client_key ?? randomBytes(24).toString('base64url'),
    callback_url: body.callback_url ?? '',
    display_name: body.display_name ?? '',
    description: body.description ?? '',
    create_time: now,
    last_update_time: now,
    active: true,
    implicit: false,
  };
}

/** An id can be used again by the same owner after deletion. */
async function store({ clients }: RouteDeps, client: Client): Promise<undefined | Refusal> {
  if (await clients.create(client)) return undefined;
  const other = await clients.get(client.tenant, client.client_id);
  if (other === undefined || other.active || other.owner !== client.owner) return refuse('duplicate-client');
  await clients.put(client);
  return undefined;
}

async function ownClient(deps: RouteDeps, c: Context): Promise<Client | Refusal> {
  const caller = await callerOf(deps, c);
  if (isRefusal(caller)) return caller;
  const client = await deps.clients.get(caller.tenant.id, c.req.param('clientId') ?? '');
  if (client === undefined) return refuse('unknown-client');
  return client.owner === caller.username ? client : refuse('not-yours');
}

async function changeableClient(deps: RouteDeps, c: Context): Promise<Client | Refusal> {
  const client = await ownClient(deps, c);
  if (isRefusal(client)) return client;
  return deps.clients.isFixed(client) ? refuse('fixed-client') : client;
}

function onTheWire(client: Client): Readonly<Record<string, unknown>> {
  const { implicit, ...shown } = client;
  return implicit ? { ...shown, response_types: ['code', 'token'] } : shown;
}
