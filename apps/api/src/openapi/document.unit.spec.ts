// The published document by the rules of clients.md section 4, and against what replies and bodies really are.
import type { LivePod } from '@pods/domain-pods';
import { podAggregate, viewPod } from '@pods/domain-pods';
import { describe, expect, it } from 'vitest';
import { routeTable } from '../http/route-table.ts';
import { createPodParser } from '../requests/create-pod.ts';
import { defaultResourceSettings } from '../requests/fields/resources.ts';
import { buildDocument } from './document.ts';
import { podSchema } from './schemas.ts';

const limits = { resources: defaultResourceSettings, computeQueues: ['default'] };
type Json = Readonly<Record<string, unknown>>;
const document = asObject(JSON.parse(JSON.stringify(buildDocument({ version: '0.1.0', limits }))));
const paths = asObject(document['paths']);
const schemas = asObject(asObject(document['components'])['schemas']);

function asObject(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new TypeError('no object');
  return { ...value };
}

const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(asObject(item)).map(([method, operation]) => ({ path, method, operation: asObject(operation) })),
);

const fieldsOf = (schema: string): readonly string[] => Object.keys(asObject(asObject(schemas[schema])['properties']));

describe('the published document', () => {
  it('is OpenAPI 3.0 and has nothing but methods in its path items', () => {
    expect(document['openapi']).toBe('3.0.3');
    for (const { method } of operations) expect(['get', 'post', 'put', 'delete']).toContain(method);
  });

  it('names every operation and every parameter of its path', () => {
    expect(new Set(operations.map(({ operation }) => operation['operationId'])).size).toBe(operations.length);
    for (const { path, operation } of operations) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters: unknown = operation['parameters'] ?? [];
      const listed = Array.isArray(parameters) ? parameters.map(asObject) : [];
      expect(
        listed.filter((one) => one['in'] === 'path' && one['required'] === true).map((one) => one['name']),
      ).toEqual(wanted);
    }
  });

  it('has the operations of the clients that there are', () => {
    expect(operations.map(({ operation }) => String(operation['operationId'])).toSorted()).toEqual([
      'create_pod',
      'delete_pod',
      'ensure_jupyter_pod',
      'error_handler',
      'get_pod',
      'get_pod_logs',
      'healthcheck',
      'list_pods',
      'restart_pod',
      'start_pod',
      'stop_pod',
      'update_pod',
      'upload_to_jupyter',
    ]);
    for (const { path, method, operation } of operations) {
      const route = routeTable.find((row) => row.operation === operation['operationId']);
      expect(route).toMatchObject({ path, method: method.toUpperCase() });
    }
  });

  const statusesOf = (id: string): string => {
    const found = operations.find(({ operation }) => operation['operationId'] === id);
    return Object.keys(asObject(found?.operation['responses'])).join(' ');
  };

  it.each([
    ['list_pods', '200 400 401 403 503'],
    ['create_pod', '200 400 401 403 409 413 503 507'],
    ['get_pod', '200 400 401 403 404 503'],
    ['update_pod', '200 400 401 403 404 409 412 413 503 507'],
    ['delete_pod', '200 400 401 403 404 409 412 503'],
    ['start_pod', '200 400 401 403 404 409 412 503'],
    ['stop_pod', '200 400 401 403 404 409 412 503'],
    ['restart_pod', '200 400 401 403 404 409 412 503'],
    ['get_pod_logs', '200 400 401 403 404 503'],
    ['healthcheck', '200'],
    ['error_handler', '4XX 5XX'],
    ['ensure_jupyter_pod', '400 401 403 501 503'],
    ['upload_to_jupyter', '400 401 403 501 503'],
  ])('says what %s may answer with', (id, statuses) => {
    expect(statusesOf(id)).toBe(statuses);
  });

  const parametersOf = (id: string, place: string): readonly unknown[] => {
    const found = operations.find(({ operation }) => operation['operationId'] === id);
    const parameters: unknown = found?.operation['parameters'] ?? [];
    const listed = Array.isArray(parameters) ? parameters.map(asObject) : [];
    return listed.filter((one) => one['in'] === place).map((one) => one['name']);
  };

  it.each([
    ['list_pods', ['X-Pods-Admin']],
    ['create_pod', ['X-Pods-Admin', 'Idempotency-Key']],
    ['update_pod', ['X-Pods-Admin', 'Idempotency-Key', 'If-Match']],
    ['stop_pod', ['X-Pods-Admin', 'Idempotency-Key', 'If-Match']],
    ['get_pod_logs', ['X-Pods-Admin']],
    ['healthcheck', []],
  ])('names the headers that %s takes', (id, names) => {
    expect(parametersOf(id, 'header')).toEqual(names);
  });

  it('names the flags of a stop and a deletion, and the ETag of what they answer', () => {
    for (const id of ['stop_pod', 'delete_pod']) expect(parametersOf(id, 'query')).toEqual(['force']);
    for (const { operation } of operations.filter(({ operation: { operationId } }) => operationId === 'stop_pod')) {
      expect(operation).toMatchObject({ responses: { 200: { headers: { ETag: { schema: { type: 'string' } } } } } });
    }
  });

  it('has every body field of the clients, and those that they lack', () => {
    const known = [
      'image',
      'template',
      'description',
      'command',
      'arguments',
      'environment_variables',
      'status_requested',
      'volume_mounts',
      'time_to_stop_default',
      'time_to_stop_instance',
      'networking',
      'resources',
      'compute_queue',
      'secret_map',
      'template_overrides',
    ];
    expect(fieldsOf('NewPod')).toEqual(expect.arrayContaining(['pod_id', ...known]));
    expect(fieldsOf('UpdatePod').toSorted()).toEqual(known.toSorted());
  });

  it('shows the defaults that a create fills in', () => {
    const parsed = createPodParser(limits)({ pod_id: 'docpod', image: 'x' }, 'dev.test');
    if (!parsed.ok) throw new Error('refused');
    const properties = asObject(asObject(schemas['NewPod'])['properties']);
    const documented = (name: string): unknown => asObject(properties[name])['default'];
    const { definition } = parsed.value;
    for (const field of [
      'description',
      'command',
      'environment_variables',
      'time_to_stop_default',
      'compute_queue',
    ] as const) {
      expect(documented(field)).toEqual(definition[field]);
    }
    const resources = asObject(asObject(properties['resources'])['properties']);
    for (const [name, value] of Object.entries(definition.resources))
      expect(asObject(resources[name])['default']).toBe(value);
  });

  it('recurs nowhere', () => {
    const text = JSON.stringify(schemas);
    expect(() => resolveAll(JSON.parse(text), [])).not.toThrow();
  });
});

function resolveAll(value: unknown, within: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key !== '$ref' || typeof inner !== 'string') {
      resolveAll(inner, within);
      continue;
    }
    const name = inner.replace('#/components/schemas/', '');
    if (within.includes(name)) throw new Error(`${name} contains itself`);
    resolveAll(schemas[name], [...within, name]);
  }
}

describe('a pod as it is shown', () => {
  it('is what the document says, no field more or less', () => {
    const parsed = createPodParser(limits)({ pod_id: 'docpod', image: 'pods.local/web:1' }, 'dev.test');
    if (!parsed.ok) throw new Error('refused');
    const { definition, modifiedFields } = parsed.value;
    const created = {
      type: 'PodCreated' as const,
      incarnation: 1,
      site: 'local',
      definition,
      modifiedFields: [...modifiedFields],
      statusRequested: 'ON' as const,
      permissions: ['ada:ADMIN'],
    };
    const at = '2026-01-01T00:00:00.000Z';
    const meta = { key: ['dev', 'docpod'], version: 1, at, actor: 'ada', causeId: 'c', causeHash: 'h' };
    const state = podAggregate.evolve(podAggregate.initial, created, meta);
    expect(podSchema.safeParse(viewPod(live(state), {}))).toMatchObject({ success: true });
  });
});

function live(state: ReturnType<typeof podAggregate.evolve>): LivePod {
  if (state.status === 'NONE' || state.status === 'DELETED') throw new Error('no pod');
  return state;
}
