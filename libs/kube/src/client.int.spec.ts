// Single calls against a real API server.
import { freshNamespace } from '@pods/testing';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { KubeClient } from './client.ts';
import { createKubeClient } from './client.ts';
import type { KubeConnection } from './connection.ts';
import { connect } from './connection.ts';
import { KubeError } from './errors.ts';
import { startBreakableProxy } from './testing/breakable-proxy.ts';
import { startScriptedServer } from './testing/scripted-server.ts';

const otherUid = '00000000-0000-0000-0000-000000000000';

async function errorOf(call: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof KubeError) return error;
  throw new Error('expected a KubeError', { cause: error });
}

describe('KubeClient', () => {
  let connection: KubeConnection;
  let namespace: string;
  let kube: KubeClient;

  beforeAll(async () => {
    connection = connect(inject('kubeconfigFile'));
    namespace = await freshNamespace();
    kube = createKubeClient(connection, { namespace, fieldManager: 'spec' });
  });

  it('creates an object once: the second time is AlreadyExists', async () => {
    const created = await kube.create('ConfigMap', { metadata: { name: 'once' }, data: { a: '1' } });
    expect(created.metadata?.uid).toEqual(expect.any(String));
    const error = await errorOf(kube.create('ConfigMap', { metadata: { name: 'once' }, data: { a: '2' } }));
    expect(error).toMatchObject({ code: 'AlreadyExists', retryable: false });
    expect((await kube.get('ConfigMap', 'once'))?.data).toEqual({ a: '1' });
  });

  it('applies again and again with the same outcome, and takes fields over from others', async () => {
    const other = createKubeClient(connection, { namespace, fieldManager: 'other' });
    const object = { metadata: { name: 'applied' }, data: { a: '1' } };
    const first = await kube.apply('ConfigMap', object);
    expect((await kube.apply('ConfigMap', object)).metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
    await other.apply('ConfigMap', { metadata: { name: 'applied' }, data: { a: '2' } });
    expect((await kube.apply('ConfigMap', object)).data).toEqual({ a: '1' });
  });

  it('applies with a UID to that object only', async () => {
    const { metadata } = await kube.create('ConfigMap', { metadata: { name: 'fenced' }, data: { a: '1' } });
    const change = { metadata: { name: 'fenced' }, data: { a: '2' } };
    expect(await errorOf(kube.apply('ConfigMap', change, { uid: otherUid }))).toMatchObject({ code: 'Conflict' });
    expect(
      await errorOf(kube.apply('ConfigMap', { ...change, metadata: { name: 'absent' } }, { uid: otherUid })),
    ).toMatchObject({
      code: 'Conflict',
    });
    expect((await kube.get('ConfigMap', 'fenced'))?.data).toEqual({ a: '1' });
    expect((await kube.apply('ConfigMap', change, { uid: metadata?.uid })).data).toEqual({ a: '2' });
  });

  it('deletes the object with the given UID only, and says when there is none', async () => {
    const { metadata } = await kube.create('ConfigMap', { metadata: { name: 'doomed' } });
    const uid = metadata?.uid ?? '';
    expect(await kube.delete('ConfigMap', 'doomed', { uid: otherUid })).toBe('replaced');
    expect(await kube.get('ConfigMap', 'doomed')).toBeDefined();
    expect(await kube.delete('ConfigMap', 'doomed', { uid })).toBe('deleting');
    expect(await kube.get('ConfigMap', 'doomed')).toBeUndefined();
    expect(await kube.delete('ConfigMap', 'doomed', { uid })).toBe('gone');
  });

  it('refuses a misspelt field instead of dropping it', async () => {
    const misspelt = { metadata: { name: 'misspelt' }, dota: { a: '1' } };
    expect(await errorOf(kube.create('ConfigMap', misspelt))).toMatchObject({ code: 'Invalid' });
  });

  it('names what the server refuses: invalid, too large, without a namespace', async () => {
    expect(await errorOf(kube.create('ConfigMap', { metadata: { name: 'Not Valid' } }))).toMatchObject({
      code: 'Invalid',
      status: 422,
    });
    const large = { metadata: { name: 'large' }, data: { a: 'x'.repeat(2_000_000) } };
    expect(['TooLarge', 'Invalid']).toContain((await errorOf(kube.create('ConfigMap', large))).code);
    const nowhere = createKubeClient(connection, { namespace: 'absent', fieldManager: 'spec' });
    expect(await errorOf(nowhere.create('ConfigMap', { metadata: { name: 'a' } }))).toMatchObject({ code: 'NotFound' });
  });

  it('lists by label', async () => {
    await kube.create('ConfigMap', { metadata: { name: 'red', labels: { colour: 'red' } } });
    await kube.create('ConfigMap', { metadata: { name: 'blue', labels: { colour: 'blue' } } });
    const found = await kube.list('ConfigMap', { labelSelector: 'colour=red' });
    expect(found.map((object) => object.metadata?.name)).toEqual(['red']);
  });

  it('writes a status through its sub-resource', async () => {
    await kube.create('Pod', { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    await kube.subresource({
      kind: 'Pod',
      name: 'p',
      subresource: 'status',
      method: 'PATCH',
      body: { status: { phase: 'Running' } },
    });
    expect((await kube.get('Pod', 'p'))?.status?.phase).toBe('Running');
  });

  it('ends a call at its deadline as Unavailable, whether the server sent nothing or half an answer', async () => {
    for (const half of [false, true]) {
      const silent = await startScriptedServer((_request, response) => {
        if (half) response.write('{"items":[');
      });
      try {
        const options = { namespace, fieldManager: 'spec', deadlineMs: 50 };
        const waiting = createKubeClient(connect(silent.kubeconfigFile), options).list('Pod');
        expect(await errorOf(waiting)).toMatchObject({ code: 'Unavailable', retryable: true });
      } finally {
        await silent.stop();
      }
    }
  });

  it('ends a call when its caller aborts it, with what the caller gave', async () => {
    const reason = new Error('enough');
    await expect(kube.list('Pod', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('calls a server that cannot be reached Unavailable, and works again when it can', async () => {
    const proxy = await startBreakableProxy(inject('kubeconfigFile'));
    try {
      const through = createKubeClient(connect(proxy.kubeconfigFile), { namespace, fieldManager: 'spec' });
      await through.list('Pod');
      proxy.cut(true);
      expect(await errorOf(through.list('Pod'))).toMatchObject({ code: 'Unavailable', retryable: true });
      proxy.cut(false);
      await through.list('Pod');
    } finally {
      await proxy.stop();
    }
  });
});
