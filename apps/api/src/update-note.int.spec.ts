// When an update says that a restart is needed: what changed is in no running container, and the run is to stay.
import { genesisHash } from '@pods/event-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, ApiFixture, CallOptions } from './testing/api-fixture.ts';
import { apiFixture } from './testing/api-fixture.ts';

let fixture: ApiFixture;
beforeEach(async () => {
  fixture = await apiFixture();
  await fixture.call('/pods', { method: 'POST', body: { pod_id: 'docpod', image: 'pods.local/web:1' } });
});
afterEach(() => fixture.stop());

const update = (body: unknown, options: CallOptions = {}): Promise<Answer> =>
  fixture.call('/pods/docpod', { method: 'PUT', body, ...options });

/** As spawner opens it. */
async function openRun(): Promise<void> {
  const spawner = { eventId: 'e', causeId: 'c', causeHash: 'h', actor: 'pods:spawner', previousHash: genesisHash };
  const body = { incarnation: 1, run: 1, generation: 1, definitionVersion: 1 };
  await fixture.log.append(['dev', 'docpod'], 2, { ...spawner, type: 'PodSpawnStarted', schema: 1, body });
}

const note = ['The pod was changed, its running container was not.', 'Restart the pod for the changes to take effect.'];

describe('an update', () => {
  it.each([
    ['the image', { image: 'pods.local/web:2' }],
    ['the networking', { networking: { default: { port: 5001 } } }],
    ['the environment and the description', { environment_variables: { A: '1' }, description: 'new' }],
    ['the resources', { resources: { cpu_limit: 1000 } }],
  ])('of %s of a pod that runs says that a restart is needed', async (_what, body) => {
    await openRun();
    expect((await update(body)).json['metadata']).toEqual({ note });
  });

  it.each([
    ['the description', { description: 'new' }],
    ['the time to stop', { time_to_stop_default: 600, time_to_stop_instance: -1 }],
    ['the wish for a status', { status_requested: 'OFF' }],
    ['nothing new beside the description', { description: 'new', image: 'pods.local/web:1' }],
    ['the image with a restart', { image: 'pods.local/web:2', status_requested: 'RESTART' }],
    ['the image with a stop', { image: 'pods.local/web:2', status_requested: 'OFF' }],
  ])('of %s says nothing of a restart', async (_what, body) => {
    await openRun();
    expect((await update(body)).json).toMatchObject({ status: 'success', metadata: {} });
    expect((await update({ description: 'newer' })).json['metadata']).toEqual({});
  });

  it('of a pod that does not run says nothing of a restart', async () => {
    expect((await update({ image: 'pods.local/web:2' })).json).toMatchObject({ status: 'success', metadata: {} });
  });

  it('says the same when its request is repeated', async () => {
    await openRun();
    const options = { headers: { 'Idempotency-Key': 'k-1' } };
    const first = await update({ image: 'pods.local/web:2' }, options);
    await update({ image: 'pods.local/web:3' });
    expect(await update({ image: 'pods.local/web:2' }, options)).toMatchObject({ status: 200, text: first.text });
    expect(first.json['metadata']).toEqual({ note });
  });
});
