// What every document holds, whatever pods there are: the hosts of the tenants, the pages, the catch-all.
import type { HttpPart, Router } from './document.ts';
import { hostRule, isHostName } from './names.ts';
import type { EdgeSettings } from './settings.ts';
import { priorities } from './settings.ts';

export const selfService = 'pods-edge';
export const splashMiddleware = 'pods-splash';
export const stripTokenMiddleware = 'pods-strip-token';
const notFoundMiddleware = 'pods-not-found';
const awayMiddleware = 'pods-away';
const apiService = 'pods-api';
const identityService = 'pods-identity';

/** Headers that speak of an identity: a visitor's never reach a pod, or it could be lied to. */
const stripped = Object.fromEntries(
  ['Token', 'Tenant', 'User', 'Username', 'Site'].map((name) => [`X-Tapis-${name}`, '']),
);

/** Paths of this app's pages, reached through the middlewares above only. */
export const pagePaths = { splash: '/pod-splash', notFound: '/pod-not-found', away: '/away' } as const;

const toServer = (url: string) => ({ loadBalancer: { servers: [{ url }], passHostHeader: true } });

/** `tenantHosts`: names without port, of the tenants that this installation serves. */
export function renderShared(settings: EdgeSettings, tenantHosts: readonly string[]): HttpPart {
  const hosts = tenantHosts.filter(isHostName);
  return {
    routers: {
      ...Object.fromEntries(hosts.flatMap((host) => tenantRouters(settings, host))),
      'pods-nothing': {
        ...common(settings),
        rule: 'PathPrefix(`/`)',
        priority: priorities.nothing,
        service: selfService,
        middlewares: [notFoundMiddleware],
      },
    },
    services: {
      [selfService]: toServer(settings.selfUrl),
      [apiService]: toServer(settings.apiUrl),
      ...(settings.identityUrl === undefined ? {} : { [identityService]: toServer(settings.identityUrl) }),
    },
    middlewares: {
      [splashMiddleware]: { replacePath: { path: pagePaths.splash } },
      [notFoundMiddleware]: { replacePath: { path: pagePaths.notFound } },
      // What Traefik says itself when nobody answers; what the API answers passes, so its own 503 keep their reasons.
      [awayMiddleware]: {
        errors: {
          status: ['502', '504'],
          statusRewrites: { '502-504': 503 },
          service: selfService,
          query: pagePaths.away,
        },
      },
      // An empty value removes the header: a visitor's token never reaches a pod (decisions.md, runtime 9.6).
      [stripTokenMiddleware]: { headers: { customRequestHeaders: stripped } },
    },
  };
}

const common = (settings: EdgeSettings) => ({ entryPoints: [settings.entryPoint], tls: {} });

/** What of a tenant's host is the API's; the rest below /v3 is the identity service's. */
const apiPaths = [
  'PathPrefix(`/v3/pods`)',
  'Path(`/v3/healthcheck`)',
  'PathPrefix(`/v3/error-handler/`)',
  'Path(`/v3/openapi.json`)',
  'PathPrefix(`/v3/docs`)',
  'Path(`/openapi.json`)',
  'PathPrefix(`/docs`)',
];

function tenantRouters(settings: EdgeSettings, host: string): readonly (readonly [string, Router])[] {
  const api: Router = {
    ...common(settings),
    rule: `${hostRule(host)} && (${apiPaths.join(' || ')})`,
    priority: priorities.api,
    service: apiService,
    middlewares: [awayMiddleware],
  };
  if (settings.identityUrl === undefined) return [[`pods-api-${host}`, api]];
  const identity: Router = {
    ...common(settings),
    rule: `${hostRule(host)} && PathPrefix(\`/v3/\`)`,
    priority: priorities.identity,
    service: identityService,
    middlewares: [awayMiddleware],
  };
  return [
    [`pods-api-${host}`, api],
    [`pods-identity-${host}`, identity],
  ];
}
