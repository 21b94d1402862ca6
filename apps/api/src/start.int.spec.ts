// Whole api processes on a real nats-server and a real Postgres.
import { createPodEventCopy, openDatabase } from '@pods/read-store';
import { eventually } from '@pods/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const ready = (api: ApiProcess): Promise<unknown> =>
  eventually(async () => (await fetch(`${api.opsUrl}/readyz`)).status === 200);

async function call(api: ApiProcess, path: string, method = 'GET', body?: object) {
  const token = await platform.identity.signToken({ tenant: 'dev', user: 'ada' });
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: { 'X-Tapis-Token': token, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: unknown = await response.json();
  return { status: response.status, json, headers: response.headers };
}

describe('two api processes', () => {
  it('show each change at once, whichever made it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [first, second] : [second, first];
      const podId = `pod${round}x`;
      const created = await call(writer, '/v3/pods', 'POST', { pod_id: podId, image: 'pods.local/web:1' });
      expect(created).toMatchObject({ status: 200, json: { result: { pod_id: podId, status: 'REQUESTED' } } });
      expect(await call(reader, `/v3/pods/${podId}`)).toMatchObject({ status: 200 });
      const stopped = await call(reader, `/v3/pods/${podId}/stop`);
      expect(stopped).toMatchObject({ status: 200, json: { result: { status: 'STOPPED' } } });
      expect(await call(writer, `/v3/pods/${podId}`)).toMatchObject({ json: { result: { status: 'STOPPED' } } });
      expect(await call(writer, `/v3/pods/${podId}`, 'DELETE')).toMatchObject({ status: 200 });
      expect(await call(reader, `/v3/pods/${podId}`)).toMatchObject({ status: 404 });
    }
  });

  it('decide alike when both are asked for the same id', async () => {
    const body = { pod_id: 'racepod', image: 'pods.local/web:1' };
    const answers = await Promise.all([first, second, first, second].map((api) => call(api, '/pods', 'POST', body)));
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
  });
});

describe('the copy of the log', () => {
  it('holds every event, in order, soon after it was written', async () => {
    await call(first, '/pods', 'POST', { pod_id: 'copied', image: 'pods.local/web:1' });
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
