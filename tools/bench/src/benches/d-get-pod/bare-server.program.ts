// Hono and nothing else: answers one document at /v3/pods/:pod_id, with the token check of the API or without any.
import { readFile } from 'node:fs/promises';
import { serve } from '@hono/node-server';
import { createAuthenticator, createTenantDirectory, createTokenVerifier } from '@pods/identity';
import { Hono } from 'hono';
import { z } from 'zod';

const { PORT, DOCUMENT_FILE, TENANTS_URL } = z
  .object({ PORT: z.coerce.number(), DOCUMENT_FILE: z.string(), TENANTS_URL: z.string() })
  .parse(process.env);
const document = z.record(z.string(), z.json()).parse(JSON.parse(await readFile(DOCUMENT_FILE, 'utf8')));
const log = { warn: (fields: object, message: string): void => console.error(message, fields) };
const tenants = createTenantDirectory({ url: TENANTS_URL, siteId: 'local', clock: Date.now, log });
const tokens = createTokenVerifier({ tenants, clock: Date.now });
const authenticator = createAuthenticator({ tenants, tokens, siteId: 'local', internalHosts: ['127.0.0.1'] });

const app = new Hono();
app.get('/open/:pod_id', (c) => c.json(document));
app.get('/v3/pods/:pod_id', async (c) => {
  const authentication = await authenticator.authenticate({
    token: c.req.header('x-tapis-token'),
    host: c.req.header('host'),
    onBehalfOfTenant: c.req.header('x-tapis-tenant'),
    onBehalfOfUser: c.req.header('x-tapis-user'),
  });
  return authentication.kind === 'caller' ? c.json(document) : c.json(authentication.refusal, 401);
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: PORT });
