// The watch cache against a real API server, and against one that forgets.
import { eventually, freshNamespace } from '@pods/testing';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { KubeClient } from './client.ts';
import { createKubeClient } from './client.ts';
import type { KubeConnection } from './connection.ts';
import { connect } from './connection.ts';
import { KubeError } from './errors.ts';
import type { Informer } from './informer.ts';
import { createInformer, createMetadataInformer } from './informer.ts';
import type { MetadataOnly } from './kinds.ts';
import { startBreakableProxy } from './testing/breakable-proxy.ts';
import { startScriptedServer } from './testing/scripted-server.ts';

function names(informer: Informer<MetadataOnly>): readonly string[] {
  return informer
    .list()
    .map((object) => object.metadata?.name ?? '')
    .toSorted();
}

describe('an informer', () => {
  const ends: (() => Promise<void>)[] = [];
  let connection: KubeConnection;
  let kube: KubeClient;
  let namespace: string;

  beforeAll(async () => {
    connection = connect(inject('kubeconfigFile'));
  });

  async function fresh(): Promise<void> {
    namespace = await freshNamespace();
    kube = createKubeClient(connection, { namespace, fieldManager: 'spec' });
  }

  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  async function add(name: string, labels: Record<string, string> = { mine: 'yes' }): Promise<string> {
    const created = await kube.create('Secret', { metadata: { name, labels }, stringData: { key: 'value' } });
    return created.metadata?.uid ?? '';
  }

  it('holds what was there, follows what comes, and tells each change once', async () => {
    await fresh();
    await add('before');
    await add('foreign', { mine: 'no' });
    const informer = createInformer('Secret', { connection, namespace, labelSelector: 'mine=yes' });
    ends.push(informer.stop);
    expect(informer.caughtUp()).toBe(false);
    await informer.whenCaughtUp();
    expect(names(informer)).toEqual(['before']);
    const told: string[] = [];
    informer.subscribe((change) => told.push(`${change.kind} ${change.object.metadata?.name ?? ''}`));
    const uid = await add('later');
    await eventually(() => informer.get('later') !== undefined);
    await kube.apply('Secret', { metadata: { name: 'later', labels: { mine: 'yes' } }, stringData: { key: 'new' } });
    await kube.delete('Secret', 'later', { uid });
    await eventually(() => informer.get('later') === undefined);
    expect(told).toEqual(['set later', 'set later', 'removed later']);
    expect(informer.lastContactAt()).toBeGreaterThan(0);
  });

  it('tells that an object is gone when it leaves the selection', async () => {
    await fresh();
    await add('leaving');
    const informer = createInformer('Secret', { connection, namespace, labelSelector: 'mine=yes' });
    ends.push(informer.stop);
    await informer.whenCaughtUp();
    await kube.apply('Secret', { metadata: { name: 'leaving', labels: { mine: 'no' } } });
    await eventually(() => expect(names(informer)).toEqual([]));
  });

  it('of metadata never receives what the objects hold', async () => {
    await fresh();
    await add('secret');
    const informer = createMetadataInformer('Secret', { connection, namespace, labelSelector: 'mine=yes' });
    ends.push(informer.stop);
    await informer.whenCaughtUp();
    await add('second');
    await eventually(() => names(informer).length === 2);
    expect(JSON.stringify(informer.list())).not.toMatch(/"(data|stringData)":/);
    expect(informer.get('second')?.metadata?.labels).toEqual({ mine: 'yes' });
  });

  it('misses nothing while its connection is cut, whatever happened meanwhile', async () => {
    await fresh();
    const proxy = await startBreakableProxy(inject('kubeconfigFile'));
    ends.push(proxy.stop);
    const errors: unknown[] = [];
    const informer = createMetadataInformer('Secret', {
      connection: connect(proxy.kubeconfigFile),
      namespace,
      labelSelector: 'mine=yes',
      onError: (error) => errors.push(error),
    });
    ends.push(informer.stop);
    await informer.whenCaughtUp();
    const uid = await add('short-lived');
    await add('lasting');
    await eventually(() => names(informer).length === 2);
    proxy.cut(true);
    await eventually(() => errors.length > 0);
    await kube.delete('Secret', 'short-lived', { uid });
    await add('new');
    proxy.cut(false);
    await eventually(() => expect(names(informer)).toEqual(['lasting', 'new']));
    expect(errors.every((error) => error instanceof KubeError && error.code === 'Unavailable')).toBe(true);
  });

  it('takes a silent connection for dead and goes on over another', async () => {
    await fresh();
    const errors: unknown[] = [];
    const informer = createMetadataInformer('Secret', {
      connection,
      namespace,
      labelSelector: 'mine=yes',
      silenceMsMax: 100,
      onError: (error) => errors.push(error),
    });
    ends.push(informer.stop);
    await eventually(() => errors.length > 1);
    await add('late');
    await eventually(() => expect(names(informer)).toEqual(['late']));
  });

  it('stops at once and without an error, also before it has caught up', async () => {
    await fresh();
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const running = createInformer('Secret', { connection, namespace, onError });
    await running.whenCaughtUp();
    await running.stop();
    const starting = createInformer('Secret', { connection, namespace, onError });
    await starting.stop();
    expect(errors).toEqual([]);
    expect(running.caughtUp()).toBe(true);
  });

  it('lists anew when the server has forgotten its place, and tells the difference', async () => {
    const forgetful = await startForgetfulServer();
    ends.push(forgetful.stop);
    const informer = createMetadataInformer('ConfigMap', {
      connection: connect(forgetful.kubeconfigFile),
      namespace: 'n',
    });
    ends.push(informer.stop);
    await informer.whenCaughtUp();
    const told: string[] = [];
    informer.subscribe((change) => told.push(`${change.kind} ${change.object.metadata?.name ?? ''}`));
    await eventually(() => expect(names(informer)).toEqual(['b', 'c']));
    expect(told).toEqual(['removed a', 'set c']);
    // From the second list on: the first place was forgotten, the second is where it goes on.
    await eventually(() => expect(forgetful.watchedFrom.slice(0, 2)).toEqual(['10', '20']));
  });
});

interface ForgetfulServer {
  readonly kubeconfigFile: string;
  readonly watchedFrom: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Speaks list and watch, and answers the first watch as a real server answers a place that it has compacted. */
async function startForgetfulServer(): Promise<ForgetfulServer> {
  const watchedFrom: string[] = [];
  const object = (name: string): object => ({ metadata: { name, resourceVersion: name } });
  const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
  const server = await startScriptedServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    if (url.searchParams.get('watch') === null) {
      const forgotten = watchedFrom.length > 0;
      const items = forgotten ? [object('b'), object('c')] : [object('a'), object('b')];
      response.end(JSON.stringify({ metadata: { resourceVersion: forgotten ? '20' : '10' }, items }));
      return;
    }
    watchedFrom.push(url.searchParams.get('resourceVersion') ?? '');
    response.flushHeaders();
    if (watchedFrom.length === 1) response.end(`${JSON.stringify({ type: 'ERROR', object: expired })}\n`);
  });
  return { ...server, watchedFrom };
}
