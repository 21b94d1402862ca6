// Puts the routes together and opens what they need. The process, its settings and its listeners are main.ts's.
import type { Clock, Logger } from '@pods/service';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { getPath } from 'hono/utils/url';
import { createCsrf } from './browser/csrf.ts';
import { createSessions } from './browser/sessions.ts';
import { openClientStore, type Client } from './clients/client-store.ts';
import { createDirectory } from './directory/directory.ts';
import type { IdentityFile } from './directory/identity-file.ts';
import { createAuthorizationCodes } from './grants/authorization-codes.ts';
import { createDeviceCodes } from './grants/device-codes.ts';
import { broken, refused } from './http/envelope.ts';
import { refuse } from './refusals.ts';
import { authorizeRoutes } from './routes/authorize.routes.ts';
import { clientRoutes } from './routes/clients.routes.ts';
import type { RouteDeps } from './routes/deps.ts';
import { deviceRoutes } from './routes/device.routes.ts';
import { discoveryRoutes } from './routes/discovery.routes.ts';
import { loginRoutes } from './routes/login.routes.ts';
import { tenantRoutes } from './routes/tenants.routes.ts';
import { tokenRoutes } from './routes/tokens.routes.ts';
import { userRoutes } from './routes/users.routes.ts';
import { loadKeys } from './tokens/keys.ts';
import { openRevocations } from './tokens/revocations.ts';
import { createTokens } from './tokens/tokens.ts';

export interface AppDeps {
  readonly file: IdentityFile;
  readonly stateDir: string;
  readonly lifeMs: { readonly access: number; readonly refresh: number };
  readonly clock: Clock;
  readonly log: Logger;
}

/** The HTTP application; opens the state folder and makes keys that are missing. */
export async function createApp(deps: AppDeps): Promise<Hono> {
  const routeDeps = await open(deps);
  const app = new Hono({
    // Users who type a base URL with a slash at its end send everything to `//v3/...` (clients.md section 1, rules 3 and 6).
    getPath: (request) => getPath(request).replaceAll(/\/{2,}/g, '/'),
  });
  const routes = [
    tenantRoutes,
    tokenRoutes,
    userRoutes,
    clientRoutes,
    discoveryRoutes,
    authorizeRoutes,
    loginRoutes,
    deviceRoutes,
  ];
  for (const build of routes) app.route('/', build(routeDeps));
  app.notFound((c) => refused(c, refuse('unknown-route')));
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status < 500) return refused(c, refuse('bad-request', error.message));
    deps.log.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed');
    return broken(c);
  });
  return app;
}

async function open({ file, stateDir, lifeMs, clock, log }: AppDeps): Promise<RouteDeps> {
  const loaded = await Promise.all(file.tenants.map(async ({ id }) => [id, await loadKeys(stateDir, id)] as const));
  const keys = new Map(loaded);
  const revocations = await openRevocations(stateDir, clock.now());
  return {
    directory: createDirectory(file),
    keys,
    tokens: createTokens({ keys, revocations, clock, lifeMs }),
    clients: await openClientStore(stateDir, fixedClients(file)),
    codes: createAuthorizationCodes(clock),
    devices: createDeviceCodes(clock),
    sessions: createSessions(clock),
    csrf: createCsrf(),
    clock,
    log,
  };
}

function fixedClients(file: IdentityFile): readonly Client[] {
  return file.clients.map((client) => ({
    ...client,
    description: 'From the identity file',
    create_time: file.created,
    last_update_time: file.created,
    active: true,
  }));
}
