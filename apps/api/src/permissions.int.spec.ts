// The permission matrix, generated from the route table: each route against each kind of caller.
import type { Level } from '@pods/domain-pods';
import { atLeast, levels } from '@pods/domain-pods';
import { genesisHash } from '@pods/event-store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from './http/route-table.ts';
import { routeTable } from './http/route-table.ts';
import { createPodParser } from './requests/create-pod.ts';
import { defaultResourceSettings } from './requests/fields/resources.ts';
import type { Answer, ApiFixture } from './testing/api-fixture.ts';
import { apiFixture } from './testing/api-fixture.ts';

const rows: readonly Route[] = routeTable;
const podRoutes = rows.filter((route) => route.access.kind === 'pod');
const callerRoutes = rows.filter((route) => route.access.kind === 'caller');
const publicRoutes = rows.filter((route) => route.access.kind === 'public');

let fixture: ApiFixture;
let podId = '';
let counter = 0;
beforeAll(async () => {
  fixture = await apiFixture();
  fixture.identity.setRoles({ 'root@dev': ['pods_admin'], 'oldroot@dev': ['PODS_ADMIN'], 'other@dev': ['something'] });
});
afterAll(() => fixture.stop());

/** A pod on which there is a user for each level, named after it. */
beforeEach(async () => {
  counter += 1;
  podId = `matrix${counter}`;
  const parsed = createPodParser({ resources: defaultResourceSettings, computeQueues: ['default'] })(
    { pod_id: podId, image: 'pods.local/web:1', status_requested: 'OFF' },
    'dev.pods.test',
  );
  if (!parsed.ok) throw new Error('the definition is wrong');
  const { definition, modifiedFields } = parsed.value;
  const permissions = levels.map((level) => `${level.toLowerCase()}:${level}`);
  const body = {
    incarnation: 1,
    site: 'local',
    definition,
    modifiedFields: [...modifiedFields],
    statusRequested: 'OFF',
    permissions,
  };
  const event = {
    type: 'PodCreated',
    eventId: podId,
    causeId: podId,
    causeHash: '',
    actor: 'admin',
    schema: 1,
    previousHash: genesisHash,
  };
  const appended = await fixture.log.append(['dev', podId], 1, { ...event, body });
  if (appended.kind === 'appended') await fixture.replica.whenApplied(appended.seq, { deadlineMs: 1000 });
});

const pathOf = (route: Route): string =>
  route.path
    .replace('{pod_id}', podId)
    .replace('{cluster_id}', 'one')
    .replace('{status}', '503')
    .replace('{asset}', 'start.js');

function ask(route: Route, as: string | null, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const bodies: Readonly<Record<string, unknown>> = {
    create_pod: { pod_id: `new${podId}`, image: 'pods.local/web:1' },
    update_pod: { description: 'changed' },
  };
  const body = bodies[route.operation];
  return fixture.call(pathOf(route), { method: route.method, as, headers, ...(body === undefined ? {} : { body }) });
}

/** What somebody with a level on the pod is answered on a route that needs another. */
function expectedStatus(level: Level, needed: Level): number {
  if (atLeast(level, needed)) return 200;
  return atLeast(level, 'READ') ? 403 : 404;
}

const matrix = podRoutes.flatMap((route) =>
  levels.map((level) => {
    const needed = route.access.kind === 'pod' ? route.access.level : 'NONE';
    return { route, level, status: expectedStatus(level, needed), name: `${route.method} ${route.path}` };
  }),
);

describe('on a pod', () => {
  it.each(matrix)('$name with $level is answered with $status', async ({ route, level, status }) => {
    expect((await ask(route, level.toLowerCase())).status).toBe(status);
  });

  it.each(podRoutes)('$method $path shows a stranger what it shows of a missing pod', async (route) => {
    const [stranger, missing] = [
      await ask(route, 'stranger'),
      await fixture.call(pathOf({ ...route, path: route.path.replace('{pod_id}', 'missing') }), {
        method: route.method,
        as: 'stranger',
      }),
    ];
    expect(stranger.status).toBe(404);
    expect(missing.status).toBe(404);
    expect(stranger.text.replaceAll(podId, 'missing')).toBe(missing.text);
  });

  it.each(podRoutes)('$method $path is open to service admins, with and without the header', async (route) => {
    expect((await ask(route, 'oldroot')).status).toBe(200);
  });

  it.each(podRoutes)('$method $path refuses X-Pods-Admin from anybody else', async (route) => {
    const answer = await ask(route, 'admin', { 'X-Pods-Admin': 'true' });
    expect(answer.status).toBe(403);
    expect((await ask(route, 'other')).status).toBe(404);
  });

  it.each(podRoutes)('$method $path asks for no roles when the caller is allowed anyway', async (route) => {
    const before = fixture.identity.requests('/v3/security/user/roles/approvedadmin');
    await ask(route, 'approvedadmin');
    await ask(route, 'approvedadmin', { 'X-Pods-Admin': 'false' });
    expect(fixture.identity.requests('/v3/security/user/roles/approvedadmin')).toBe(before);
  });

  it('a USER may not change status_requested, a service admin may', async () => {
    const options = { method: 'PUT', body: { status_requested: 'ON' } };
    expect(await fixture.call(`/pods/${podId}`, { ...options, as: 'user' })).toMatchObject({ status: 403 });
    expect(await fixture.call(`/pods/${podId}`, { ...options, as: 'root' })).toMatchObject({ status: 200 });
  });
});

describe('without a token', () => {
  it.each([...podRoutes, ...callerRoutes])('$method $path is closed', async (route) => {
    expect((await ask(route, null)).status).toBe(401);
    expect((await ask(route, null, { 'X-Tapis-Token': 'nonsense' })).status).toBe(401);
    expect((await ask(route, null, { 'X-Pods-Admin': 'true' })).status).toBe(401);
  });

  it.each(publicRoutes)('$method $path is open', async (route) => {
    const expected = route.operation === 'error_handler' ? 503 : 200;
    expect((await ask(route, null)).status).toBe(expected);
  });
});

describe('with a token of another tenant', () => {
  it.each([...podRoutes, ...callerRoutes])('$method $path is closed', async (route) => {
    const token = await fixture.identity.signToken({ tenant: 'lab', user: 'admin' });
    expect((await ask(route, null, { 'X-Tapis-Token': token })).status).toBe(401);
  });

  it('the pods of the same name are other pods', async () => {
    expect(await fixture.call(`/pods/${podId}`, { as: 'admin', tenant: 'lab' })).toMatchObject({ status: 404 });
  });
});
