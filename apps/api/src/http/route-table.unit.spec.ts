import { describe, expect, it } from 'vitest';
import type { Route } from './route-table.ts';
import { methodsOf, routeOf, routeTable } from './route-table.ts';

const rows: readonly Route[] = routeTable;

describe('the route table', () => {
  it('names each operation and each method of a path once', () => {
    expect(new Set(rows.map((route) => route.operation)).size).toBe(rows.length);
    expect(new Set(rows.map((route) => `${route.method} ${route.path}`)).size).toBe(rows.length);
  });

  it('has literal paths before those that would swallow them', () => {
    const asPattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    for (const [index, route] of rows.entries()) {
      if (!route.path.includes('{')) continue;
      const literal = rows.slice(index + 1).filter((later) => !later.path.includes('{'));
      expect(literal.filter((later) => asPattern(route.path).test(later.path))).toEqual([]);
    }
  });

  it('asks for a level exactly on routes of one pod', () => {
    for (const route of rows) expect(route.access.kind === 'pod').toBe(route.path.startsWith('/pods/{pod_id}'));
  });

  it('marks what changes something: every method but GET, and the three wishes that are GET', () => {
    const changing = rows.filter((route) => route.changes === true).map((route) => route.operation);
    expect(changing.toSorted()).toEqual([
      'create_pod',
      'delete_pod',
      'restart_pod',
      'start_pod',
      'stop_pod',
      'update_pod',
    ]);
  });

  it.each([
    ['list_pods', 'caller'],
    ['create_pod', 'caller'],
    ['get_pod', 'READ'],
    ['update_pod', 'USER'],
    ['delete_pod', 'ADMIN'],
    ['start_pod', 'ADMIN'],
    ['stop_pod', 'ADMIN'],
    ['restart_pod', 'ADMIN'],
    ['get_pod_logs', 'READ'],
  ] as const)('has %s as documented: %s', (operation, level) => {
    const { access } = routeOf(operation);
    expect(access.kind === 'pod' ? access.level : access.kind).toBe(level);
  });

  it.each([
    ['/pods', ['GET', 'POST']],
    ['/pods/docpod', ['GET', 'PUT', 'DELETE']],
    ['/pods/docpod/stop', ['GET']],
    ['/pods/docs', ['GET']],
    ['/pods/docpod/', []],
    ['/pods/docpod/nothing', []],
    ['/pods/volumes', []],
    ['/pods/templates/stop', []],
    ['/pods/clusters', ['GET', 'POST']],
    ['/nothing', []],
  ])('knows the methods of %s', (path, methods) => {
    expect(methodsOf(path)).toEqual(methods);
  });
});
