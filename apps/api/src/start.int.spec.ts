// Whole api processes with the rights that they have in production, on a real nats-server and a real Postgres.
import { gzipSync } from 'node:zlib';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import type { HealthCommand, PodRefusal, PodState, SpawnerCommand } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import type { PodWriter } from '@pods/event-store';
import { createPodWriter, decideAs, openNatsLog, podHistories } from '@pods/event-store';
import { createPodEventCopy, openDatabase } from '@pods/read-store';
import { answered, createLogger, refused, serveChunks } from '@pods/service';
import { eventually } from '@pods/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ApiProcess, PlatformFixture } from './testing/platform-fixture.ts';
import { platformFixture } from './testing/platform-fixture.ts';

let platform: PlatformFixture;
let first: ApiProcess;
let second: ApiProcess;

beforeAll(async () => {
  platform = await platformFixture();
  [first, second] = await Promise.all([platform.startApi(), platform.startApi()]);
  await Promise.all([ready(first), ready(second)]);
});
afterAll(() => platform.stop());

const readiness = async (api: ApiProcess): Promise<number> => (await fetch(`${api.opsUrl}/readyz`)).status;
const ready = (api: ApiProcess): Promise<unknown> => eventually(async () => (await readiness(api)) === 200);

interface Called {
  readonly status: number;
  readonly json: unknown;
}

async function call(api: ApiProcess, path: string, method = 'GET', body?: object): Promise<Called> {
  const token = await platform.identity.signToken({ tenant: 'dev', user: 'ada' });
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: { 'X-Tapis-Token': token, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: unknown = await response.json();
  return { status: response.status, json };
}

const create = (api: ApiProcess, podId: string): Promise<Called> =>
  call(api, '/v3/pods', 'POST', { pod_id: podId, image: 'pods.local/web:1' });

describe('two api processes', () => {
  it('show each change at once, whichever made it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [first, second] : [second, first];
      const podId = `pod${round}x`;
      expect(await create(writer, podId)).toMatchObject({ status: 200, json: { result: { status: 'REQUESTED' } } });
      expect(await call(reader, `/v3/pods/${podId}`)).toMatchObject({ status: 200 });
      const stopped = await call(reader, `/v3/pods/${podId}/stop`);
      expect(stopped).toMatchObject({ status: 200, json: { result: { status: 'STOPPED' } } });
      expect(await call(writer, `/v3/pods/${podId}`)).toMatchObject({ json: { result: { status: 'STOPPED' } } });
      expect(await call(writer, `/v3/pods/${podId}`, 'DELETE')).toMatchObject({ status: 200 });
      expect(await call(reader, `/v3/pods/${podId}`)).toMatchObject({ status: 404 });
    }
  });

  it('decide alike when both are asked for the same id', async () => {
    const answers = await Promise.all([first, second, first, second].map((api) => create(api, 'racepod')));
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
  });
});

describe('what is no request', () => {
  it('is answered with the envelope', async () => {
    const response = await fetch(`${first.url}/v3/pods`, { headers: { 'X-Long': 'x'.repeat(20_000) } });
    expect(response.status).toBe(431);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ status: 'error', result: null, metadata: {}, version: '0.1.0' });
  });
});

describe('the copy of the log', () => {
  it('holds every event, in order, soon after it was written', async () => {
    await create(first, 'copied');
    await call(first, '/pods/copied/stop');
    const db = openDatabase({ url: platform.databaseUrl });
    const copy = createPodEventCopy(db);
    const rows = await eventually(async () => {
      const found = await copy.eventsOf({ tenant: 'dev', podId: 'copied' });
      return found.length === 2 ? found : false;
    });
    expect(rows).toMatchObject([
      { version: 1, type: 'PodCreated', actor: 'ada', incarnation: 1, body: { statusRequested: 'ON' } },
      { version: 2, type: 'PodStopRequested', actor: 'ada', incarnation: 1 },
    ]);
    await db.destroy();
  });
});

describe('the life of a pod', () => {
  const key = { tenant: 'dev', podId: 'lifepod' };
  const run = { incarnation: 1, run: 1 };
  let spawner: PodWriter<PodState, SpawnerCommand, PodRefusal>;
  let health: PodWriter<PodState, HealthCommand, PodRefusal>;
  let step = 0;

  beforeAll(async () => {
    const log = await openNatsLog({ nc: platform.admin, names: podHistories(platform.names) });
    const common = { log, aggregate: podAggregate };
    spawner = createPodWriter({ ...common, app: 'spawner', decide: decideAs('spawner', podAggregate.decide) });
    health = createPodWriter({ ...common, app: 'health', decide: decideAs('health', podAggregate.decide) });
  });

  const context = (actor: string) => ({ commandId: `step-${(step += 1)}`, commandHash: '', actor });
  const bySpawner = (command: SpawnerCommand) => spawner(key, context('pods:spawner'), command);
  const byHealth = (command: HealthCommand) => health(key, context('pods:health'), command);
  const shows = (path: string, expected: object): Promise<unknown> =>
    eventually(async () => expect(await call(second, path)).toMatchObject({ status: 200, json: { result: expected } }));

  it('is shown as the other apps report it, with what they say of its container', async () => {
    await create(first, 'lifepod');
    await bySpawner({ type: 'OpenRun', incarnation: 1, generation: 1 });
    const kv = await new Kvm(platform.admin).open(platform.names.buckets.podContainer);
    const progress = { ...run, phase: 'Waiting', startTime: null, message: 'pulling', ready: null };
    await kv.put('dev.lifepod.progress', JSON.stringify(progress));
    await shows('/pods/lifepod', { status: 'SPAWNING', status_container: { phase: 'Waiting', message: 'pulling' } });
    await shows('/pods/lifepod/logs', { logs: '' });
    await bySpawner({ type: 'RecordObjectsCreated', ...run, podUid: 'u1', podName: 'p', address: '10.0.0.1' });
    await byHealth({ type: 'RecordAvailable', ...run, podUid: 'u1', startedAt: '2026-01-01T00:00:00.000Z' });
    await shows('/pods/lifepod', {
      status: 'AVAILABLE',
      start_instance_ts: '2026-01-01T00:00:00.000000',
      time_to_stop_ts: '2026-01-01T12:00:00.000000',
    });
    expect(await call(first, '/pods/lifepod')).toMatchObject({ json: { result: { status: 'AVAILABLE' } } });
  });

  it('has logs: from health while it runs, from the archive afterwards, and says so when neither is there', async () => {
    expect(await call(first, '/pods/lifepod/logs')).toMatchObject({ status: 503 });
    const held = (asked: unknown) => JSON.stringify(asked).includes('lifepod');
    const server = serveChunks(platform.admin, platform.names.subjects.containerLogs, {
      queue: 'health',
      schema: z.unknown(),
      deadlineMs: 5000,
      log: createLogger({ app: 'health', level: 'silent' }),
      handler: async (asked) =>
        held(asked) ? answered(pieces('live\n'.repeat(200_000))) : refused('not_following', ''),
    });
    await shows('/pods/lifepod/logs', { logs: 'live\n'.repeat(200_000) });
    await server.close();
    const store = await new Objm(platform.admin).open(platform.names.buckets.podLogs);
    await store.putBlob({ name: 'dev.lifepod.1' }, gzipSync('first\nlast\0\n'));
    await call(first, '/pods/lifepod/stop');
    await bySpawner({ type: 'BeginTeardown', ...run });
    await byHealth({ type: 'RecordLogsArchived', ...run, object: 'dev.lifepod.1', sizeBytes: 11 });
    await bySpawner({ type: 'RecordStopped', ...run });
    await shows('/pods/lifepod', { status: 'STOPPED', status_container: {}, time_to_stop_ts: null });
    await shows('/pods/lifepod/logs', { logs: 'first\nlast\n' });
  });

  it('is told in the action log, oldest first', async () => {
    const { json } = await call(first, '/pods/lifepod/logs');
    expect(json).toMatchObject({
      result: {
        action_logs: [
          "Pod object created by 'ada'",
          'spawner set status to SPAWNING',
          'health set status to AVAILABLE',
          "'ada' ran stop_pod, set to OFF",
          'spawner set status to SHUTTING_DOWN',
          'spawner set status to STOPPED',
        ].map((text): unknown => expect.stringContaining(text)),
      },
    });
  });
});

describe('the rights of api', () => {
  it('are enough: the server has refused nothing so far', () => {
    const complaints = [...first.logged, ...second.logged].filter((line) =>
      /NATS reported|trouble|could not/.test(String(line['msg'])),
    );
    expect(complaints).toEqual([]);
  });
});

describe('the numbers of a process', () => {
  it('count requests by route template and tell of the copy of the log', async () => {
    await fetch(`${first.url}/nothing`);
    const text = await (await fetch(`${first.opsUrl}/metrics`)).text();
    expect(text).toMatch(/pods_http_requests_total\{method="POST",route="\/pods",status="200",app="api"\} [1-9]/);
    expect(text).toMatch(/pods_http_requests_total\{method="GET",route="unmatched",status="404",app="api"\} 1/);
    expect(text).toContain('pods_http_request_seconds_bucket');
    expect(text).toMatch(/pods_log_copy_waiting\{app="api"\} 0/);
  });
});

describe('when NATS is away', () => {
  it('a process says so within a lease, shows nothing stale, and goes on when NATS is back', async () => {
    await create(first, 'outage');
    await platform.server.kill('SIGKILL');
    await eventually(async () => (await readiness(first)) === 503);
    await eventually(async () => (await call(first, '/pods/outage')).status === 503);
    expect(await call(first, '/pods/outage/stop')).toMatchObject({ status: 503 });
    expect((await fetch(`${first.url}/healthcheck`)).status).toBe(200);
    expect((await fetch(`${first.opsUrl}/livez`)).status).toBe(200);
    await platform.server.restart();
    await Promise.all([ready(first), ready(second)]);
    expect(await call(second, '/pods/outage/stop')).toMatchObject({
      status: 200,
      json: { result: { status: 'STOPPED' } },
    });
    expect(await call(first, '/pods/outage')).toMatchObject({ json: { result: { status: 'STOPPED' } } });
  });
});

describe('a process that stops', () => {
  it('is no longer ready, and the other one does not wait for it', async () => {
    await second.stop();
    await expect(fetch(`${second.url}/healthcheck`)).rejects.toThrow('fetch failed');
    const startedAt = performance.now();
    expect(await create(first, 'alone')).toMatchObject({ status: 200 });
    expect(performance.now() - startedAt).toBeLessThan(700);
  });

  it('leaves folds behind from which the next one starts', async () => {
    const third = await platform.startApi();
    await ready(third);
    expect(await call(third, '/pods/alone')).toMatchObject({ status: 200 });
    expect(await call(third, '/pods/lifepod')).toMatchObject({ json: { result: { status: 'STOPPED' } } });
  });
});

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
