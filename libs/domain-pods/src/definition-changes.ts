// What an update changes, for the decision and for the action log: merging, comparing, listing leaves.
import type { PodDefinition } from '@pods/contracts';

type Changes = { readonly [Field in keyof PodDefinition]?: PodDefinition[Field] | undefined };

const pick = <Value>(changed: Value | undefined, current: Value): Value => (changed === undefined ? current : changed);

/** Whole fields are replaced, never merged deeply (pods-api.md 3.4). */
export function mergeDefinition(current: PodDefinition, changes: Changes): PodDefinition {
  return {
    image: pick(changes.image, current.image),
    description: pick(changes.description, current.description),
    command: pick(changes.command, current.command),
    arguments: pick(changes.arguments, current.arguments),
    environment_variables: pick(changes.environment_variables, current.environment_variables),
    time_to_stop_default: pick(changes.time_to_stop_default, current.time_to_stop_default),
    time_to_stop_instance: pick(changes.time_to_stop_instance, current.time_to_stop_instance),
    networking: pick(changes.networking, current.networking),
    resources: pick(changes.resources, current.resources),
    compute_queue: pick(changes.compute_queue, current.compute_queue),
  };
}

/** Equality of JSON values; the order of an object's keys does not count. */
function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const leftEntries = Object.entries(left);
  const rightByKey = new Map(Object.entries(right));
  if (leftEntries.length !== rightByKey.size) return false;
  return leftEntries.every(([key, value]) => rightByKey.has(key) && sameJson(value, rightByKey.get(key)));
}

/** Those of `sent` that differ from what is there. */
export function changedFields(current: PodDefinition, sent: Changes): Partial<PodDefinition> {
  const before = new Map<string, unknown>(Object.entries(current));
  const kept = Object.entries(sent).filter(
    ([field, value]) => value !== undefined && before.has(field) && !sameJson(before.get(field), value),
  );
  return Object.fromEntries(kept);
}

/** Adds the sent names whose field changed; keeps the order of first mention. */
export function mergedModifiedFields(
  known: readonly string[],
  sent: readonly string[],
  changes: Partial<PodDefinition>,
): string[] {
  const changed = sent.filter((name) => Object.hasOwn(changes, name.split('.')[0] ?? name));
  return [...new Set([...known, ...changed])];
}

/** One changed value inside a definition; a list counts as one leaf. */
export interface LeafChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Leaves that differ, in the order of the keys; an absent side is undefined. */
export function leafChanges(before: unknown, after: unknown, path = ''): readonly LeafChange[] {
  if (sameJson(before, after)) return [];
  if (!isRecord(before) && !isRecord(after)) return [{ path, before, after }];
  const left = isRecord(before) ? before : {};
  const right = isRecord(after) ? after : {};
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => leafChanges(left[key], right[key], path === '' ? key : `${path}.${key}`));
}
