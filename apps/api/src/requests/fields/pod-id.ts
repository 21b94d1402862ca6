// The id of a pod (pods-api.md 4.2).
import { podIdPattern } from '@pods/contracts';
import { isReservedId } from '../../reserved-ids.ts';
import type { Problem } from '../problem.ts';
import { kindOf, valueError } from '../problem.ts';

/** Rules for the id of a new pod. */
export function podIdProblems(podId: string): readonly Problem[] {
  if (!podIdPattern.test(podId)) {
    const rule = 'must be 3 to 64 lower-case letters and digits and begin with a letter';
    return [valueError(['pod_id'], `${rule} (got ${kindOf(podId)})`)];
  }
  if (isReservedId(podId)) {
    return [valueError(['pod_id'], `'${podId}' is reserved for routes of the service; choose another id`)];
  }
  return [];
}
