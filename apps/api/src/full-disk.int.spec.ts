// A log whose disk is full, seen by users of a whole api process: changes are refused, pods are shown, and all goes on once
// there is room. nats-server does not write to a stream again before it has been started again (docs/adr/0012).
import { randomUUID } from 'node:crypto';
import { openNatsLog, podHistories, verifyHistory } from '@pods/event-store';
import { createPodEventCopy, openDatabase } from '@pods/read-store';
import { canMountDisks, eventually, type NatsOnSmallDisk, natsOnSmallDisk } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiProcess, platformAround, type PlatformFixture } from './testing/platform-fixture.ts';

const diskBytes = 16 * 2 ** 20;

let platform: PlatformFixture<NatsOnSmallDisk>;
let api: ApiProcess;
const ready = (): Promise<unknown> => eventually(async () => (await fetch(`${api.opsUrl}/readyz`)).status === 200);

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly json: unknown;
}

async function call(path: string, body?: object, idempotencyKey: string = randomUUID()): Promise<Answer> {
  const token = await platform.identity.signToken({ tenant: 'dev', user: 'ada' });
  const headers = { 'X-Tapis-Token': token, 'Idempotency-Key': idempotencyKey, 'Content-Type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const signal = AbortSignal.timeout(12_000);
  const response = await fetch(`${api.url}${path}`, { headers, signal, ...init });
  return { status: response.status, retryAfter: response.headers.get('retry-after'), json: await response.json() };
}

const create = (podId: string, idempotencyKey?: string): Promise<Answer> =>
  call('/pods', { pod_id: podId, image: 'pods.local/web:1' }, idempotencyKey);

const history = async (podId: string): Promise<readonly string[]> => {
  const log = await openNatsLog({ nc: platform.admin, names: podHistories(platform.names) });
  const events = await log.read(['dev', podId]);
  expect(verifyHistory(events)).toMatchObject({ ok: true });
  return events.map(({ type }) => type);
};

/** Until the disk's last block is full too, which the first events afterwards may still fit into. */
async function createUntilRefused(): Promise<{ readonly made: readonly string[]; readonly refused: string }> {
  const made: string[] = [];
  for (let each = 0; each < 100; each += 1) {
    const podId = `fill${each}`;
    const answer = await create(podId, `key-${podId}`);
    if (answer.status !== 200) {
      expect(answer).toMatchObject({ status: 503, retryAfter: '5' });
      return { made, refused: podId };
    }
    made.push(podId);
  }
  throw new Error('the disk does not become full');
}

describe.runIf(canMountDisks())('a log whose disk is full', () => {
  beforeEach(async () => {
    platform = await platformAround((settings) => natsOnSmallDisk(diskBytes, settings));
    api = await platform.startApi();
    await ready();
  });
  afterEach(() => platform.stop());

  it(
    'refuses changes and shows pods; with room and a new start of the server all goes on',
    { timeout: 90_000 },
    async () => {
      expect(await create('before')).toMatchObject({ status: 200 });
      const makeRoom = await platform.server.disk.fill();
      const { made, refused } = await createUntilRefused();

      const [stop, ...shown] = await Promise.all([
        call('/pods/before/stop'),
        call('/pods/before'),
        call('/pods'),
        call(`/pods/${refused}`),
      ]);
      expect(stop).toMatchObject({ status: 503, retryAfter: '5' });
      expect(shown).toMatchObject([
        { status: 200, json: { result: { status: 'REQUESTED' } } },
        { status: 200 },
        { status: 404 },
      ]);
      expect(await history(refused)).toEqual([]);

      await makeRoom();
      await platform.server.kill('SIGTERM');
      await platform.server.restart();
      await ready();
      // What was refused has not been done, and is done once when it is asked for again.
      for (const podId of ['before', ...made]) expect(await history(podId)).toEqual(['PodCreated']);
      expect(await create(refused, `key-${refused}`)).toMatchObject({ status: 200 });
      expect(await create(refused, `key-${refused}`)).toMatchObject({ status: 200 });
      expect(await history(refused)).toEqual(['PodCreated']);
      expect(await call('/pods/before/stop')).toMatchObject({ status: 200, json: { result: { status: 'STOPPED' } } });
      expect(await copied('before')).toEqual(await history('before'));
      expect(await copied(refused)).toEqual(['PodCreated']);
    },
  );
});

/** The types of a pod's events in Postgres, once they are as many as in the log. */
async function copied(podId: string): Promise<readonly string[]> {
  const db = openDatabase({ url: platform.databaseUrl });
  try {
    const copy = createPodEventCopy(db);
    const logged = await history(podId);
    return await eventually(async () => {
      const rows = await copy.eventsOf({ tenant: 'dev', podId });
      if (rows.length < logged.length) throw new Error('not copied yet');
      return rows.map(({ type }) => type);
    });
  } finally {
    await db.destroy();
  }
}
