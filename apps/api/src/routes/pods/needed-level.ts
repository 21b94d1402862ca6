// The level that a row of the route table asks for, for the command that decides on it again.
import type { Level } from '@pods/domain-pods';
import type { Route } from '../../http/route-table.ts';

export function neededLevel(route: Route): Level {
  if (route.access.kind !== 'pod') throw new Error(`${route.operation} names no level on a pod`);
  return route.access.level;
}
