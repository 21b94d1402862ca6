// Pods over HTTP, end to end through the application: each route succeeds, is refused for a bad request, for what is
// missing, for what is not the caller's, and for what the state forbids.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiFixture } from './testing/api-fixture.ts';
import { apiFixture } from './testing/api-fixture.ts';

let fixture: ApiFixture;
beforeEach(async () => {
  fixture = await apiFixture();
});
afterEach(() => fixture.stop());

const least = { pod_id: 'docpod', image: 'pods.local/web:1' };

describe('a pod', () => {
  it('is created, read, listed, stopped, started, restarted, updated and deleted', async () => {
    const { call } = fixture;
    const created = await call('/v3/pods', { method: 'POST', body: least });
    expect(created.json).toMatchObject({ message: 'Pod created successfully.', status: 'success', metadata: {} });
    expect(created.status).toBe(200);
    expect(created.json['result']).toMatchObject({ pod_id: 'docpod', status: 'REQUESTED', status_requested: 'ON' });
    expect(created.headers.get('etag')).toBe('"1"');
    const read = await call('/pods/docpod');
    expect(read.json).toMatchObject({ message: 'Pod retrieved successfully.', result: created.json['result'] });
    const listed = await call('/pods');
    expect(listed.json).toMatchObject({ message: 'Pods retrieved successfully.', result: [created.json['result']] });
    const stopped = await call('/pods/docpod/stop');
    expect(stopped.json).toMatchObject({
      message: "Updated pod's status_requested to OFF.",
      result: { status: 'STOPPED', status_requested: 'OFF' },
    });
    expect(stopped.headers.get('etag')).toBe('"2"');
    const started = await call('/pods/docpod/start');
    expect(started.json).toMatchObject({ result: { status: 'REQUESTED', status_requested: 'ON' } });
    expect((await call('/pods/docpod/restart')).json).toMatchObject({
      message: "Updated pod's status_requested to RESTART.",
    });
    const updated = await call('/pods/docpod', { method: 'PUT', body: { description: 'new' } });
    expect(updated.json).toMatchObject({ message: 'Pod updated successfully.', result: { description: 'new' } });
    const deleted = await call('/pods/docpod', { method: 'DELETE' });
    expect(deleted.json).toMatchObject({ message: 'Pod successfully deleted.', result: '' });
    expect((await call('/pods/docpod')).status).toBe(404);
    expect((await call('/pods')).json).toMatchObject({ result: [] });
  });
});
