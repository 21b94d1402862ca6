// The check that a document passes before it replaces the last good one: every name it uses is defined in it, and
// nothing in it would make Traefik refuse the whole.
import type { EdgeDocument, HttpPart, Router } from './document.ts';

/** What is wrong with a document, one text a fault; empty when it may be served. */
export function faultsOf(document: EdgeDocument): readonly string[] {
  const { http } = document;
  const routers = Object.entries(http.routers).flatMap(([name, router]) => routerFaults(name, router, http));
  const services = Object.entries(http.services).flatMap(([name, service]) =>
    service.loadBalancer.servers.flatMap(({ url }) => (URL.canParse(url) ? [] : [`service ${name}: not a URL`])),
  );
  const middlewares = Object.entries(http.middlewares).flatMap(([name, middleware]) =>
    'errors' in middleware && !Object.hasOwn(http.services, middleware.errors.service)
      ? [`middleware ${name}: no service ${middleware.errors.service}`]
      : [],
  );
  // Traefik refuses a document in which a section is there but empty.
  const sections: Readonly<Record<keyof HttpPart, object>> = http;
  const empty = Object.entries(sections).flatMap(([section, named]) =>
    Object.keys(named).length === 0 ? [`section ${section} is empty`] : [],
  );
  return [...routers, ...services, ...middlewares, ...empty];
}

function routerFaults(name: string, router: Router, http: HttpPart): readonly string[] {
  const missing = (router.middlewares ?? []).filter((middleware) => !Object.hasOwn(http.middlewares, middleware));
  return [
    ...missing.map((middleware) => `router ${name}: no middleware ${middleware}`),
    ...(Object.hasOwn(http.services, router.service) ? [] : [`router ${name}: no service ${router.service}`]),
    ...(router.entryPoints.length === 0 ? [`router ${name}: no entry point`] : []),
  ];
}
