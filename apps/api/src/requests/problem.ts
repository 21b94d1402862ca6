// What is wrong with a request, in the words of the wire: `"body, networking, default, port: Value error, ..."`
// (pods-api.md 1.4). A problem names the field, the rule and the kind of the value, never the value of a text.

export type Location = readonly (string | number)[];

export interface Problem {
  readonly location: Location;
  readonly text: string;
}

/** What a parser gives: the value, or everything that is wrong. */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A broken rule of ours, as opposed to a wrong type. */
export function valueError(location: Location, rule: string): Problem {
  return { location, text: `Value error, ${rule}` };
}

/** Lines of one `message`: who has made more mistakes than this reads no further. */
const linesMax = 50;
/** Steps of a location that are shown. */
const stepsMax = 16;

/** One line of the `message` array. */
export function problemLine({ location, text }: Problem): string {
  const steps = location.length <= stepsMax ? location : [...location.slice(0, stepsMax), '...'];
  return `${steps.map(shownKey).join(', ')}: ${text}`;
}

/** The `message` array: the first problems, and how many there are beside them. */
export function problemLines(problems: readonly Problem[]): readonly string[] {
  const lines = problems.slice(0, linesMax).map(problemLine);
  const more = problems.length - lines.length;
  return more === 0 ? lines : [...lines, `and ${more} more`];
}

/** Keys come from the user too: no line breaks, no endless ones. */
function shownKey(key: string | number): string {
  const text = String(key).replaceAll(/[^\x20-\x7e]/g, '?');
  return text.length <= 64 ? text : `${text.slice(0, 61)}...`;
}

/** The kind of a JSON value, for people. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (typeof value === 'number') return kindOfNumber(value);
  if (typeof value === 'boolean') return 'a boolean';
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** JSON may say numbers that are read as infinite or as others near them. */
function kindOfNumber(value: number): string {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return `a number beyond ${Number.MAX_SAFE_INTEGER}`;
  return Number.isInteger(value) ? 'an integer' : 'a number with a fractional part';
}
