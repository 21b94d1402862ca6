// Pods over HTTP, end to end through the application: each route succeeds, and is refused for a bad request, for what is
// missing, for what is not the caller's, and for what the state forbids.
import { genesisHash, LogUnavailableError, NewerThanMeError } from '@pods/event-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildApi } from './app.ts';
import { createLogRoom } from './changes/log-room.ts';
import type { ApiDeps } from './deps.ts';
import type { Answer, ApiFixture, CallOptions } from './testing/api-fixture.ts';
import { apiFixture } from './testing/api-fixture.ts';

let fixture: ApiFixture;
beforeEach(async () => {
  fixture = await apiFixture();
});
afterEach(() => fixture.stop());

/** An event of another app. */
const foreign = {
  eventId: 'e',
  causeId: 'c',
  causeHash: 'h',
  actor: 'pods:spawner',
  schema: 1,
  previousHash: genesisHash,
  body: {},
};
const least = { pod_id: 'docpod', image: 'pods.local/web:1' };
const call = (path: string, options?: CallOptions): Promise<Answer> => fixture.call(path, options);
const create = (options: CallOptions = {}): Promise<Answer> =>
  call('/pods', { method: 'POST', body: least, ...options });
const update = (body: unknown, options: CallOptions = {}): Promise<Answer> =>
  call('/pods/docpod', { method: 'PUT', body, ...options });

describe('a pod', () => {
  it('is created, read, listed, stopped, started, restarted, updated and deleted', async () => {
    const created = await create();
    expect(created.status).toBe(200);
    expect(created.json).toMatchObject({
      message: 'Pod created successfully.',
      metadata: {},
      status: 'success',
      version: '0.1.0',
      result: { pod_id: 'docpod', status: 'REQUESTED', status_requested: 'ON', template: '', secret_map: {} },
    });
    expect(created.headers.get('etag')).toBe('"1"');
    const read = await call('/v3/pods/docpod');
    expect(read.json).toMatchObject({ message: 'Pod retrieved successfully.', result: created.json['result'] });
    expect(read.headers.get('etag')).toBe('"1"');
    expect((await call('/pods')).json).toMatchObject({
      message: 'Pods retrieved successfully.',
      result: [created.json['result']],
    });
    expect(await call('/pods/docpod/stop')).toMatchObject({
      status: 200,
      json: { message: "Updated pod's status_requested to OFF.", result: { status: 'STOPPED' } },
    });
    expect(await call('/pods/docpod/start')).toMatchObject({
      json: {
        message: "Updated pod's status_requested to ON and requested pod.",
        result: { status: 'REQUESTED', status_requested: 'ON' },
      },
    });
    expect(await call('/pods/docpod/restart?grab_latest_template_tag=True')).toMatchObject({
      json: { message: "Updated pod's status_requested to RESTART." },
    });
    const updated = await update({ description: 'new' });
    expect(updated.json).toMatchObject({
      message: 'Pod updated successfully.',
      metadata: {},
      result: { description: 'new' },
    });
    expect(updated.headers.get('etag')).toBe('"5"');
    expect((await call('/pods/docpod', { method: 'DELETE' })).json).toMatchObject({
      message: 'Pod successfully deleted.',
      result: '',
    });
    expect((await call('/pods/docpod')).status).toBe(404);
    expect((await call('/pods')).json).toMatchObject({ result: [] });
    expect((await create()).headers.get('etag')).toBe('"7"');
  });

  it('shows instants as UTC without an offset, with microseconds', async () => {
    const { json } = await create();
    const instant: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(json['result']).toMatchObject({
      creation_ts: instant,
      update_ts: instant,
      start_instance_ts: null,
      time_to_stop_ts: null,
    });
  });

  it('shows what was last seen of its container, and the older words where the installation wants them', async () => {
    await create();
    const progress = { incarnation: 1, run: 0, phase: 'Waiting', startTime: null, message: 'waits', ready: null };
    fixture.containers.set('dev.docpod', { progress });
    expect((await call('/pods/docpod')).json).toMatchObject({
      result: { status_container: { phase: 'Waiting', message: 'waits' } },
    });
    const spawned = { incarnation: 1, run: 1, generation: 1, definitionVersion: 1 };
    await fixture.log.append(['dev', 'docpod'], 2, { ...foreign, type: 'PodSpawnStarted', schema: 1, body: spawned });
    expect((await call('/pods/docpod')).json).toMatchObject({ result: { status: 'SPAWNING' } });
    const older = buildApi({ ...fixture.deps, settings: { ...fixture.deps.settings, statusWords: 'older' } });
    expect((await call('/pods/docpod', { api: older })).json).toMatchObject({ result: { status: 'CREATING' } });
  });
});

describe('a create', () => {
  it('of an id that is taken is a conflict, whoever asks; in another tenant it is free', async () => {
    await create();
    expect(await create()).toMatchObject({ status: 409, json: { status: 'error', result: null } });
    expect(await create({ as: 'bob' })).toMatchObject({ status: 409 });
    expect(await create({ tenant: 'lab' })).toMatchObject({
      status: 200,
      json: { result: { networking: { default: { url: 'docpod.pods.lab.pods.test' } } } },
    });
  });

  it('with OFF makes a stopped pod', async () => {
    expect(await create({ body: { ...least, status_requested: 'OFF' } })).toMatchObject({
      json: { result: { status: 'STOPPED', status_requested: 'OFF' } },
    });
  });

  it('that is wrong says everything that is wrong', async () => {
    expect(await create({ body: { description: 1, foo: 1 } })).toMatchObject({
      status: 400,
      json: {
        message: [
          'body, pod_id: Field required',
          'body, description: Input should be a valid string (got an integer)',
          'body, foo: Extra inputs are not permitted',
        ],
        metadata: {},
        result: null,
        status: 'error',
      },
    });
  });

  it('that is too large is refused with the reason', async () => {
    const environment_variables = { BIG: 'x'.repeat(33_000) };
    const answer = await create({ body: { ...least, environment_variables } });
    expect(answer.status).toBe(413);
    expect(answer.json['message']).toContain('32768 bytes');
    expect(fixture.log.all()).toHaveLength(0);
  });

  it('in parts is no larger for it: the limit holds for what the parts come to', async () => {
    await create({ body: { ...least, environment_variables: { BIG: 'x'.repeat(14_000) } } });
    const words = (length: number): readonly string[] => ['x'.repeat(length)];
    expect(await update({ command: words(14_000) })).toMatchObject({ status: 200 });
    const answer = await update({ arguments: words(14_000) });
    expect(answer.status).toBe(413);
    expect(answer.json['message']).toContain('32768 bytes');
    const both = await Promise.all([update({ arguments: words(3000) }), update({ description: 'x'.repeat(400) })]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(await update({ command: null, arguments: words(14_000) })).toMatchObject({ status: 200 });
  });
});

describe('an Idempotency-Key', () => {
  const headers = { 'Idempotency-Key': 'k-1' };

  it('makes a repeated create answer its first outcome, also after the pod has changed', async () => {
    const first = await create({ headers });
    await update({ description: 'later' });
    const again = await create({ headers });
    expect(again).toMatchObject({ status: 200, json: first.json });
    expect(again.headers.get('etag')).toBe('"1"');
    expect(fixture.log.all()).toHaveLength(2);
  });

  it('is refused for another body, and is no key of another user', async () => {
    await create({ headers });
    const other = { ...least, description: 'other' };
    expect(await create({ headers, body: other })).toMatchObject({ status: 409 });
    expect((await create({ headers, body: other })).json['message']).toContain('Idempotency-Key');
    expect((await create({ headers, as: 'bob' })).json['message']).toContain('already exists');
  });

  it('makes a repeated restart one restart', async () => {
    await create();
    await call('/pods/docpod/restart', { headers });
    await call('/pods/docpod/restart', { headers });
    expect(fixture.log.all()).toHaveLength(2);
  });

  it('that is none is refused', async () => {
    expect(await create({ headers: { 'Idempotency-Key': 'a b' } })).toMatchObject({
      status: 400,
      json: { message: [expect.stringMatching(/^header, Idempotency-Key: /)] },
    });
  });
});

describe('If-Match', () => {
  it.each(['PUT', 'DELETE', 'GET'])('lets a %s through at the version that was seen and no other', async (method) => {
    await create();
    await update({ description: 'one' });
    const path = method === 'GET' ? '/pods/docpod/stop' : '/pods/docpod';
    const body = method === 'PUT' ? { body: { description: 'two' } } : {};
    const stale = await call(path, { method, ...body, headers: { 'If-Match': '"1"' } });
    expect(stale).toMatchObject({ status: 412 });
    expect(stale.json['message']).toContain('version 1, it is at 2');
    expect(await call(path, { method, ...body, headers: { 'If-Match': '"2"' } })).toMatchObject({ status: 200 });
  });

  it.each(['2', ''])('that is malformed is refused: %j', async (header) => {
    await create();
    expect(await update({ description: 'x' }, { headers: { 'If-Match': header } })).toMatchObject({ status: 400 });
    expect(fixture.log.all()).toHaveLength(1);
  });
});

describe('an update', () => {
  it('that changes nothing is an error in an answer that is fine', async () => {
    await create();
    const answer = await update({ image: least.image });
    expect(answer).toMatchObject({
      status: 200,
      json: {
        status: 'error',
        message: 'Incoming data made no changes to pod. Is incoming data equal to current data?',
        result: { pod_id: 'docpod' },
      },
    });
  });

  it('of status_requested works like the calls', async () => {
    await create();
    expect(await update({ status_requested: 'OFF' })).toMatchObject({ json: { result: { status: 'STOPPED' } } });
    expect(await update({ status_requested: 'ON' })).toMatchObject({ json: { result: { status: 'REQUESTED' } } });
  });

  it.each([
    ['a bad field', { networking: { default: { port: 1 } } }, 'body, networking, default, port: Value error'],
    ['an unknown field', { pod_id: 'x' }, 'body, pod_id: Extra inputs are not permitted'],
  ])('with %s is refused', async (_what, body, line) => {
    await create();
    expect(await update(body)).toMatchObject({ status: 400, json: { message: [expect.stringContaining(line)] } });
  });
});

describe('a start', () => {
  it('of a pod that is not stopped is a conflict', async () => {
    await create();
    const answer = await call('/pods/docpod/start');
    expect(answer.status).toBe(409);
    expect(answer.json['message']).toContain("Pod must be in 'STOPPED' status to run 'start_pod'");
  });
});

describe('the flag force', () => {
  it.each([
    ['GET', '/pods/docpod/stop'],
    ['DELETE', '/pods/docpod'],
  ])('of %s %s is a boolean, and changes nothing yet', async (method, path) => {
    await create();
    for (const wrong of ['5', 'x', '']) {
      expect(await call(`${path}?force=${wrong}`, { method })).toMatchObject({
        status: 400,
        json: { message: [expect.stringMatching(/^query, force: Input should be a valid boolean/)] },
      });
    }
    expect(fixture.log.all()).toHaveLength(1);
    expect(await call(`${path}?force=True`, { method })).toMatchObject({ status: 200 });
  });
});

describe('a stop', () => {
  it('of a stopped pod is fine and writes nothing', async () => {
    await create();
    await call('/pods/docpod/stop');
    const again = await call('/pods/docpod/stop');
    expect(again).toMatchObject({ status: 200, json: { result: { status: 'STOPPED' } } });
    expect(again.headers.get('etag')).toBe('"2"');
    expect(fixture.log.all()).toHaveLength(2);
  });

  it('is not set off by a HEAD request', async () => {
    await create();
    expect(await call('/pods/docpod/stop', { method: 'HEAD' })).toMatchObject({ status: 405 });
    expect(await call('/pods/docpod', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(fixture.log.all()).toHaveLength(1);
  });
});

describe('the logs', () => {
  it('hold what the container wrote and what happened in this incarnation', async () => {
    await create();
    await call('/pods/docpod', { method: 'DELETE' });
    await create();
    await update({ environment_variables: { A: 'secret' } });
    const api = buildApi({ ...fixture.deps, containerLogs: { of: async () => 'hello\n' } });
    const answer = await call('/pods/docpod/logs', { api });
    expect(answer.json).toMatchObject({
      message: 'Pod logs retrieved successfully.',
      result: {
        logs: 'hello\n',
        action_logs: [
          expect.stringMatching(/^\d\d\/\d\d\/\d\d \d\d:\d\d: Pod object created by 'ada'$/),
          expect.stringMatching(/: 'ada' updated pod: environment_variables\.A: added \(hidden\)$/),
        ],
      },
    });
    expect(answer.text).not.toContain('secret');
  });

  it('that cannot be had are said to be so', async () => {
    await create();
    const api = buildApi({ ...fixture.deps, containerLogs: { of: async () => undefined } });
    const answer = await call('/pods/docpod/logs', { api });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
  });
});

describe('a list', () => {
  it('has pods with an entry of the caller, in admin mode all of the tenant', async () => {
    await create();
    await create({ body: { ...least, pod_id: 'bobspod' }, as: 'bob' });
    await create({ body: { ...least, pod_id: 'labpod' }, tenant: 'lab' });
    const ids = ({ json }: Answer): unknown => JSON.parse(JSON.stringify(json['result'], ['pod_id']));
    expect(ids(await call('/pods'))).toEqual([{ pod_id: 'docpod' }]);
    fixture.identity.setRoles({ 'ada@dev': ['pods_admin'] });
    expect(ids(await call('/pods'))).toEqual([{ pod_id: 'docpod' }]);
    const all = await call('/pods', { headers: { 'X-Pods-Admin': 'true' } });
    expect(ids(all)).toEqual([{ pod_id: 'bobspod' }, { pod_id: 'docpod' }]);
    expect(all.json['metadata']).toMatchObject({
      admin_context: { admin_mode: true, user_accessible_ids: ['docpod'] },
    });
  });

  it.each([
    ['derived_lite=true', { derived: true, derived_mode: 'lite' }],
    ['derived=True', { derived: true, derived_mode: 'full' }],
    ['derived=True&derived_lite=1', { derived: true, derived_mode: 'lite' }],
    ['derived=false&unknown=1', {}],
  ])('with %s says how it was derived', async (query, metadata) => {
    await create();
    expect((await call(`/pods?${query}`)).json['metadata']).toEqual(metadata);
    expect((await call(`/pods/docpod?${query}`)).json['metadata']).toEqual(metadata);
  });

  it('with a flag that is none is refused', async () => {
    expect(await call('/pods?derived=maybe')).toMatchObject({
      status: 400,
      json: { message: ['query, derived: Input should be a valid boolean (got a string of 5 characters)'] },
    });
  });
});

describe('trouble', () => {
  const fill = async (bytes: number): Promise<void> => {
    const description = 'x'.repeat(400);
    for (let index = 0; (await fixture.log.usage()).bytes < bytes; index += 1) {
      await create({ body: { ...least, pod_id: `filler${index}`, description } });
    }
  };

  it('with a log that is 80 % full: creates and updates are refused, everything else goes on', async () => {
    await fixture.stop();
    fixture = await apiFixture({ sizeBytesMax: 40_000 });
    await create();
    await fill(32_000);
    // As the process finds it that asks the log now.
    const api = buildApi({ ...fixture.deps, hasRoom: createLogRoom(fixture.log, fixture.deps.clock) });
    expect(await create({ api, body: { ...least, pod_id: 'onemore' } })).toMatchObject({ status: 507 });
    expect(await update({ description: 'x' }, { api })).toMatchObject({ status: 507 });
    expect(await call('/pods/docpod/stop', { api })).toMatchObject({ status: 200 });
    expect(await call('/pods/docpod', { api, method: 'DELETE' })).toMatchObject({ status: 200 });
  });

  it('with a log that is away: reads go on, changes say that nothing was done', async () => {
    await create();
    fixture.log.setUnavailable(true);
    expect(await call('/pods/docpod')).toMatchObject({ status: 200 });
    const answer = await call('/pods/docpod/stop');
    expect(answer.status).toBe(503);
    expect(answer.json['message']).toContain('Nothing was changed');
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  const withWrite = (error: Error): ApiDeps => ({
    ...fixture.deps,
    write: async () => {
      throw error;
    },
  });

  it('of a pod that a newer version has changed: reads go on, changes are refused', async () => {
    await create();
    await fixture.log.append(['dev', 'docpod'], 2, { ...foreign, type: 'PodPainted', schema: 2 });
    expect(await call('/pods/docpod')).toMatchObject({ status: 200 });
    expect(await call('/pods/docpod/logs')).toMatchObject({ status: 200 });
    const answer = await call('/pods/docpod/stop');
    expect(answer.status).toBe(503);
    expect(answer.json['message']).toContain('newer version');
    expect(await call('/pods/docpod/stop', { api: buildApi(withWrite(new NewerThanMeError('x'))) })).toMatchObject({
      status: 503,
    });
  });

  it('that leaves the outcome open is said to be so', async () => {
    await create();
    const unknown = new LogUnavailableError('no answer', { outcomeUnknown: true });
    const answer = await call('/pods/docpod/stop', { api: buildApi(withWrite(unknown)) });
    expect(answer.status).toBe(503);
    expect(answer.json['message']).toContain('may or may not have been made');
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it('that nobody expected has an id, a log line, and tells nothing else', async () => {
    await create();
    const answer = await call('/pods/docpod/stop', { api: buildApi(withWrite(new Error('the secret'))) });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
    const requestId = answer.headers.get('x-request-id');
    expect(answer.json['message']).toContain(requestId);
    expect(fixture.logged.at(-1)).toMatchObject({ requestId, level: 'error', err: { message: 'the secret' } });
  });

  it('with no lease: neither reads nor changes are answered, but the health check is', async () => {
    await create();
    const api = buildApi({
      ...fixture.deps,
      freshness: { ...fixture.deps.freshness, isCurrent: () => false, mayShow: () => false },
    });
    expect(await call('/pods/docpod', { api })).toMatchObject({ status: 503 });
    expect(await create({ api, body: { ...least, pod_id: 'other' } })).toMatchObject({ status: 503 });
    expect(await call('/healthcheck', { api, as: null })).toMatchObject({ status: 200 });
  });

  it('cut off from the log, and nobody else was there: pods are shown, and changes are refused at once', async () => {
    await create();
    const api = buildApi({ ...fixture.deps, freshness: { ...fixture.deps.freshness, isCurrent: () => false } });
    expect(await call('/pods/docpod', { api })).toMatchObject({ status: 200 });
    const refused = await create({ api, body: { ...least, pod_id: 'other' } });
    expect(refused).toMatchObject({ status: 503 });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await call('/pods/other')).toMatchObject({ status: 404 });
  });

  it('with a lease that is lost while the roles are asked: nothing is decided on what the replica shows', async () => {
    await create();
    let serves = true;
    const api = buildApi({
      ...fixture.deps,
      freshness: { ...fixture.deps.freshness, isCurrent: () => serves, mayShow: () => serves },
      // Somebody deletes the pod between the guard and the decision.
      hasRoom: async () => {
        expect(await call('/pods/docpod', { method: 'DELETE' })).toMatchObject({ status: 200 });
        return true;
      },
      roles: {
        ...fixture.deps.roles,
        isServiceAdmin: async () => {
          serves = false;
          return await Promise.resolve(true);
        },
      },
    });
    expect(await update({ description: 'new' }, { api })).toMatchObject({ status: 503 });
    expect(serves).toBe(false);
  });

  it('with a lease that is lost before the first decision: neither', async () => {
    await create();
    let serves = true;
    const api = buildApi({
      ...fixture.deps,
      freshness: { ...fixture.deps.freshness, isCurrent: () => serves, mayShow: () => serves },
      hasRoom: async () => {
        serves = false;
        return await Promise.resolve(true);
      },
    });
    expect(await update({ image: least.image }, { api })).toMatchObject({ status: 503 });
  });

  it('with a replica that does not show the change in time: it is said that it was made', async () => {
    const pods = {
      ...fixture.deps.pods,
      whenVersion: () => fixture.replica.whenVersion(['dev', 'docpod'], 9, { deadlineMs: 1 }),
    };
    const api = buildApi({ ...fixture.deps, pods });
    const answer = await create({ api });
    expect(answer.status).toBe(503);
    expect(answer.json['message']).toContain('The change was made');
  });

  it('with the tenants service: known tenants and tokens go on, others must wait', async () => {
    await create();
    fixture.identity.setFailing(true);
    expect(await call('/pods/docpod')).toMatchObject({ status: 200 });
  });
});

describe('older error codes', () => {
  it('are those that older clients know', async () => {
    const api = buildApi({ ...fixture.deps, settings: { ...fixture.deps.settings, errorCodes: 'older' } });
    expect(await create({ api, as: null })).toMatchObject({ status: 400 });
    await create({ api });
    expect(await create({ api })).toMatchObject({ status: 500 });
    expect(await call('/pods/docpod/start', { api })).toMatchObject({ status: 500 });
  });
});

describe('a request', () => {
  it('leaves one log line that names route, caller and pod, and no token', async () => {
    await create();
    await call('/v3/pods/docpod/stop');
    const durationMs: unknown = expect.any(Number);
    expect(fixture.logged.at(-1)).toMatchObject({
      msg: 'request',
      method: 'GET',
      route: '/pods/{pod_id}/stop',
      httpStatus: 200,
      tenant: 'dev',
      user: 'ada',
      podId: 'docpod',
      durationMs,
    });
    expect(JSON.stringify(fixture.logged)).not.toContain('eyJ');
  });
});
