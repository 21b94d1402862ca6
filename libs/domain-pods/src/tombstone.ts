// The event that ends a history which cannot be folded: one with a gap, or with events that this version cannot read.
// A tombstone decides the state alone, so whatever was before it no longer matters (docs/adr/0010).
import type { PodEventOf } from '@pods/contracts';
import { podAggregate } from './aggregate.ts';

/** A place of a history that cannot be folded, with what is wrong there, for people. */
export interface Flaw {
  readonly version: number;
  readonly what: 'missing' | 'of an unknown type' | 'unreadable';
}

interface Stored {
  readonly version: number;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Everything of a history, oldest first, that keeps it from being folded; empty for one that can be. */
export function flawsOf(history: readonly Stored[]): readonly Flaw[] {
  const byVersion = new Map(history.map((event) => [event.version, event]));
  const versions = Array.from({ length: history.at(-1)?.version ?? 0 }, (_, index) => index + 1);
  return versions.flatMap((version) => {
    const event = byVersion.get(version);
    const what = event === undefined ? 'missing' : flawOf(event);
    return what === undefined ? [] : [{ version, what }];
  });
}

/**
 * The deletion that may follow this history, whatever it holds. Runs and incarnations are counted high rather than low, as if
 * each event that cannot be read had begun one: numbers may be left out but never used twice, and objects in the
 * cluster are removed only when the tombstone accounts for them.
 */
export function tombstoneAfter(history: readonly Stored[]): PodEventOf<'PodDeleted'> {
  const unread = flawsOf(history).length;
  const highest = (...names: readonly string[]): number =>
    Math.max(0, ...history.flatMap(({ body }) => names.flatMap((name) => countIn(body[name]))));
  return {
    type: 'PodDeleted',
    incarnation: Math.max(1, highest('incarnation') + unread),
    lastRun: highest('run', 'lastRun') + unread,
  };
}

function flawOf(event: Stored): Flaw['what'] | undefined {
  try {
    return podAggregate.parse(event) === undefined ? 'of an unknown type' : undefined;
  } catch {
    return 'unreadable';
  }
}

function countIn(value: unknown): readonly number[] {
  return Number.isSafeInteger(value) ? [Number(value)] : [];
}
