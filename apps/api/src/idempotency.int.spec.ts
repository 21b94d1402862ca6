// What an Idempotency-Key covers beyond a create, and what it does not.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, ApiFixture } from './testing/api-fixture.ts';
import { apiFixture } from './testing/api-fixture.ts';

let fixture: ApiFixture;
beforeEach(async () => {
  fixture = await apiFixture();
  await create();
});
afterEach(() => fixture.stop());

const headers = { 'Idempotency-Key': 'k-1' };
const create = (): Promise<Answer> =>
  fixture.call('/pods', { method: 'POST', body: { pod_id: 'docpod', image: 'pods.local/web:1' }, headers });
const pod = (rest: string, method = 'GET', body?: object): Promise<Answer> =>
  fixture.call(`/pods/docpod${rest}`, { method, headers, ...(body !== undefined && { body }) });

describe('a key', () => {
  it.each([
    ['a stop', '/stop', 'GET', undefined],
    ['a restart', '/restart', 'GET', undefined],
    ['an update', '', 'PUT', { description: 'new' }],
  ])(
    'makes %s that is sent again answer its first outcome, whatever came between',
    async (_what, rest, method, body) => {
      const first = await pod(rest, method, body);
      await fixture.call('/pods/docpod', { method: 'PUT', body: { description: 'between' } });
      const events = fixture.log.all().length;
      expect(await pod(rest, method, body)).toMatchObject({ status: 200, text: first.text });
      expect(fixture.log.all()).toHaveLength(events);
    },
  );

  it('makes a start that is sent again answer its first outcome', async () => {
    await pod('/stop');
    const first = await pod('/start');
    expect(await pod('/start')).toMatchObject({ status: 200, text: first.text });
  });

  it('is forgotten with its pod: a repeated deletion finds none, a repeated create makes a new one', async () => {
    expect(await pod('', 'DELETE')).toMatchObject({ status: 200 });
    expect(await pod('', 'DELETE')).toMatchObject({ status: 404 });
    const again = await create();
    expect(again.status).toBe(200);
    expect(again.headers.get('etag')).toBe('"3"');
  });

  it('keeps a deletion that is sent again from deleting the next pod of this id', async () => {
    const first = await pod('', 'DELETE');
    await fixture.call('/pods', { method: 'POST', body: { pod_id: 'docpod', image: 'pods.local/web:1' } });
    expect(await pod('', 'DELETE')).toMatchObject({ status: 200, text: first.text });
    expect(await fixture.call('/pods/docpod', {})).toMatchObject({ status: 200 });
  });
});
