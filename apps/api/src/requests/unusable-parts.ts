// What JSON can say and nothing behind the API can hold, found once for every body: more values than any definition has,
// texts that are no Unicode, and the key that objects of the language treat as something else.
import type { Location, Problem } from './problem.ts';
import { valueError } from './problem.ts';

interface Part {
  readonly value: unknown;
  readonly key: string | number;
  readonly within: Part | undefined;
}

/**
 * Values in a body, each entry of a list or an object counted. A definition of the largest size has fewer; far more would
 * keep the process busy, and exhaust the stack of the validator, with nothing but mistakes.
 */
const partsMax = 20_000;

/** Enough for anybody to see what is wrong. */
const problemsMax = 50;

/** The first problems of any part of a parsed body, however deep; locations start with `prefix`. */
export function unusableParts(body: object, prefix: string): readonly Problem[] {
  const problems: Problem[] = [];
  // A list of what is left instead of recursion: bodies may be nested deeper than the stack.
  const left: Part[] = [{ value: body, key: prefix, within: undefined }];
  let parts = 1;
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const rule = brokenRule(part);
    if (rule !== undefined) problems.push(valueError(locationOf(part), rule));
    // The locations of more would cost more than the body's size.
    if (problems.length === problemsMax) return problems;
    const inner = partsOf(part);
    parts += inner.length;
    if (parts > partsMax) return [valueError([prefix], `may hold at most ${partsMax} values in all`)];
    left.push(...inner);
  }
  return problems;
}

/** In reverse, so that they are taken in order. */
function partsOf(within: Part): Part[] {
  const { value } = within;
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.map(([key, inner]) => ({ key, value: inner, within })).toReversed();
}

function brokenRule({ key, value }: Part): string | undefined {
  // It would not be stored under that name, nor show up anywhere.
  if (key === '__proto__') return 'no key can have the name __proto__; choose another one';
  if (typeof key === 'string' && !key.isWellFormed()) return `the key ${illFormed}`;
  return typeof value === 'string' && !value.isWellFormed() ? illFormed : undefined;
}

const illFormed = 'must be well-formed Unicode, and holds half of a surrogate pair';

function locationOf(part: Part): Location {
  const location: (string | number)[] = [];
  for (let at: Part | undefined = part; at !== undefined; at = at.within) location.push(at.key);
  return location.toReversed();
}
