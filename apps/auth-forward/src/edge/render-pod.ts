// Routers and services of one pod: live where its container runs and its address is known, a splash page before
// and after. An entry whose protection cannot be enforced yet gets no route at all.
import type { NetworkingEntry } from '@pods/contracts';
import type { LivePod } from '@pods/domain-pods';
import { openRunOf, routeObstacleOf } from '@pods/domain-pods';
import type { HttpPart } from './document.ts';
import { emptyPart, joinParts } from './document.ts';
import { entryName, hostRule, isHostName } from './names.ts';
import { selfService, splashMiddleware, stripTokenMiddleware } from './render-shared.ts';
import type { EdgeSettings } from './settings.ts';
import { priorities } from './settings.ts';

/** The cluster address that traffic may go to now, or null for the splash page. */
function liveAddressOf(pod: LivePod): string | null {
  if (pod.status !== 'AVAILABLE') return null;
  return openRunOf(pod)?.objects?.address ?? null;
}

/** Renders every entry that may have a route. */
export function renderPod(pod: LivePod, settings: EdgeSettings): HttpPart {
  const address = liveAddressOf(pod);
  const wanted = pod.definition.networking;
  // What runs is what is routed to; a change of the definition waits for the next run.
  const routed = address === null ? wanted : (openRunOf(pod)?.definition.networking ?? wanted);
  const parts = Object.entries(routed).map(([key, entry]) => {
    // A protection that was asked for since holds at once.
    const protectedSince = wanted[key] !== undefined && routeObstacleOf(wanted[key]) !== null;
    return isRoutable(entry) && !protectedSince ? renderEntry(pod, { key, entry, address }, settings) : emptyPart;
  });
  return joinParts(parts);
}

function isRoutable(entry: NetworkingEntry): boolean {
  return entry.protocol === 'http' && routeObstacleOf(entry) === null && isHostName(entry.url);
}

interface Entry {
  readonly key: string;
  readonly entry: NetworkingEntry;
  readonly address: string | null;
}

function renderEntry(pod: LivePod, { key, entry, address }: Entry, settings: EdgeSettings): HttpPart {
  const name = entryName(pod.site, pod.tenant, pod.podId, key);
  const router = {
    entryPoints: [settings.entryPoint],
    rule: hostRule(entry.url),
    priority: priorities.pod,
    tls: {},
  };
  if (address === null) {
    return {
      ...emptyPart,
      routers: { [name]: { ...router, service: selfService, middlewares: [splashMiddleware] } },
    };
  }
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${entry.port}`;
  return {
    ...emptyPart,
    routers: { [name]: { ...router, service: name, middlewares: [stripTokenMiddleware] } },
    services: { [name]: { loadBalancer: { servers: [{ url }], passHostHeader: true } } },
  };
}
