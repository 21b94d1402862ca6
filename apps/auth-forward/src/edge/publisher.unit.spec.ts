// The document that Traefik is given: what is routed where, and what never takes the rest away.
import type { PodEvent } from '@pods/contracts';
import type { LivePod } from '@pods/domain-pods';
import { aDefinition, aNetworkingEntry, eventsOfStart, foldLive, podCreated } from '@pods/domain-pods/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DocumentStore, Publisher } from './publisher.ts';
import { createPublisher } from './publisher.ts';

const settings = {
  entryPoint: 'web',
  selfUrl: 'http://127.0.0.1:8002',
  apiUrl: 'http://127.0.0.1:8000',
  identityUrl: 'http://127.0.0.1:8001',
};
const name = 'pods-local-dev-docpod';

function memoryStore(initial?: string): DocumentStore & { text: string | undefined } {
  const store = {
    text: initial,
    load: () => store.text,
    save: (text: string) => {
      store.text = text;
    },
  };
  return store;
}

const documentSchema = z.object({
  http: z.object({
    routers: z.record(z.string(), z.looseObject({ rule: z.string() })),
    services: z.record(z.string(), z.object({ loadBalancer: z.looseObject({ servers: z.array(z.unknown()) }) })),
  }),
});

interface Fixture {
  readonly publisher: Publisher;
  readonly faults: string[];
  readonly badPods: string[];
  readonly store: { text: string | undefined };
  readonly http: () => z.infer<typeof documentSchema>['http'];
}

function publisherWith(initial?: string): Fixture {
  const faults: string[] = [];
  const badPods: string[] = [];
  const store = memoryStore(initial);
  const publisher = createPublisher({
    settings,
    store,
    onFaults: (found) => faults.push(...found),
    onBadPod: (key) => badPods.push(key),
  });
  publisher.setTenantHosts(['dev.example.org']);
  const http = () => documentSchema.parse(JSON.parse(publisher.document() ?? '{}')).http;
  return { publisher, faults, badPods, store, http };
}

const withNetworking = (
  networking: LivePod['definition']['networking'],
  events: readonly PodEvent[] = eventsOfStart(),
) => foldLive([podCreated({ definition: aDefinition({ networking }) }), ...events]);

describe('an http entry', () => {
  test('leads to the Service while the pod is AVAILABLE, without the visitor’s token', () => {
    const { publisher, http } = publisherWith();
    publisher.update('dev.docpod', withNetworking({ default: aNetworkingEntry }));
    expect(http().routers[name]).toEqual({
      entryPoints: ['web'],
      rule: 'Host(`docpod.pods.dev.example.org`)',
      priority: 1000,
      tls: {},
      service: name,
      middlewares: ['pods-strip-token'],
    });
    expect(http().services[name]).toEqual({
      loadBalancer: { servers: [{ url: 'http://198.19.0.7:5000' }], passHostHeader: true },
    });
  });
  test('shows the splash page before and after', () => {
    const { publisher, http } = publisherWith();
    const stopped: PodEvent[] = [
      ...eventsOfStart(),
      { type: 'PodStopRequested' },
      { type: 'PodTeardownStarted', incarnation: 1, run: 1, purpose: 'stop' },
    ];
    for (const events of [[], eventsOfStart().slice(0, 2), stopped]) {
      publisher.update('dev.docpod', withNetworking({ default: aNetworkingEntry }, events));
      expect(http().routers[name]).toMatchObject({ service: 'pods-edge', middlewares: ['pods-splash'] });
      expect(http().services[name]).toBeUndefined();
    }
  });
  test('of another key has a router of its own', () => {
    const { publisher, http } = publisherWith();
    const admin = { ...aNetworkingEntry, port: 8080, url: 'docpod-admin.pods.dev.example.org' };
    publisher.update('dev.docpod', withNetworking({ default: aNetworkingEntry, admin }));
    expect(http().services[`${name}-admin`]?.loadBalancer.servers).toEqual([{ url: 'http://198.19.0.7:8080' }]);
  });
  test('keeps its port until the next run when the definition changes', () => {
    const { publisher, http } = publisherWith();
    const moved = { default: { ...aNetworkingEntry, port: 5001 } };
    const update: PodEvent = { type: 'PodUpdated', changes: { networking: moved }, modifiedFields: [] };
    publisher.update('dev.docpod', withNetworking({ default: aNetworkingEntry }, [...eventsOfStart(), update]));
    expect(http().services[name]?.loadBalancer.servers).toEqual([{ url: 'http://198.19.0.7:5000' }]);
  });
  test('loses its route at once when a protection is asked for that cannot be enforced', () => {
    const { publisher, http } = publisherWith();
    const guarded = { default: { ...aNetworkingEntry, tapis_auth: true } };
    const update: PodEvent = { type: 'PodUpdated', changes: { networking: guarded }, modifiedFields: [] };
    publisher.update('dev.docpod', withNetworking({ default: aNetworkingEntry }, [...eventsOfStart(), update]));
    expect(Object.keys(http().routers)).not.toContain(name);
  });
  test('has no route while its protection cannot be enforced', () => {
    const { publisher, http } = publisherWith();
    for (const change of [{ tapis_auth: true }, { ip_allow_list: ['127.0.0.1'] }, { protocol: 'tcp' as const }]) {
      publisher.update('dev.docpod', withNetworking({ default: { ...aNetworkingEntry, ...change } }));
      expect(Object.keys(http().routers)).not.toContain(name);
    }
  });
  test('whose host could end a rule has no route, and the others have theirs', () => {
    const { publisher, http, faults } = publisherWith();
    const evil = { ...aNetworkingEntry, url: 'a`) || PathPrefix(`/' };
    publisher.update('dev.evil', withNetworking({ default: evil }));
    publisher.update('dev.docpod', withNetworking({ default: aNetworkingEntry }));
    expect(JSON.stringify(http())).not.toContain('a`)');
    expect(Object.keys(http().routers)).toContain(name);
    expect(faults).toEqual([]);
  });
  test('is gone with its pod', () => {
    const { publisher, http } = publisherWith();
    publisher.update('dev.docpod', withNetworking({ default: aNetworkingEntry }));
    publisher.document();
    publisher.update('dev.docpod', undefined);
    expect(Object.keys(http().routers)).not.toContain(name);
  });
});

describe('a tenant’s host', () => {
  test('leads to the API and to the identity service, and no pod loses paths to them', () => {
    const { routers } = publisherWith().http();
    expect(routers['pods-api-dev.example.org']?.rule).toMatch(
      /^Host\(`dev\.example\.org`\) && \(PathPrefix\(`\/v3\/pods`\)/,
    );
    expect(routers['pods-identity-dev.example.org']?.rule).toBe('Host(`dev.example.org`) && PathPrefix(`/v3/`)');
    for (const router of ['pods-api-dev.example.org', 'pods-identity-dev.example.org']) {
      expect(routers[router]).toMatchObject({ middlewares: ['pods-away'] });
    }
    expect(routers['pods-nothing']).toMatchObject({ priority: 1, middlewares: ['pods-not-found'] });
  });
});

describe('the last good document', () => {
  test('is served while a newer one fails its check, and kept on disk', () => {
    const { publisher, store, faults } = publisherWith();
    publisher.update('dev.docpod', withNetworking({ default: aNetworkingEntry }));
    const good = publisher.document();
    const run = eventsOfStart().map((event) =>
      event.type === 'PodObjectsCreated' ? { ...event, address: 'not an address' } : event,
    );
    publisher.update('dev.other', withNetworking({ default: aNetworkingEntry }, run));
    expect(publisher.document()).toBe(good);
    expect(store.text).toBe(good);
    expect(faults).toHaveLength(1);
  });
  test('is not replaced before the tenants are known', () => {
    const publisher = createPublisher({ settings, store: memoryStore('{}'), onFaults: () => {}, onBadPod: () => {} });
    expect(publisher.document()).toBeUndefined();
  });
});
