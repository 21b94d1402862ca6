// Turns what zod found into problems in the words of the wire, which are those of the older service's validator.
import type { z } from '@hono/zod-openapi';
import type { Location, Parsed, Problem } from './problem.ts';
import { kindOf } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** Parses `input`; locations start with `prefix`: `body` or `query`. */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  prefix: string,
): Parsed<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, input, prefix)) };
}

function problemsOf(issue: Issue, input: unknown, prefix: string): readonly Problem[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const at: Location = [prefix, ...path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ location: [...at, key], text: 'Extra inputs are not permitted' }));
  }
  return [{ location: at, text: textOf(issue, valueAt(input, path)) }];
}

function textOf(issue: Issue, value: unknown): string {
  if (issue.code === 'custom') return issue.message;
  if (value === undefined) return 'Field required';
  if (issue.code === 'invalid_type') return `${expectation(issue.expected, value)} (got ${kindOf(value)})`;
  if (issue.code === 'invalid_value') return `Input should be ${alternatives(issue.values)} (got ${kindOf(value)})`;
  if (issue.code === 'invalid_union') return `Input should be a valid dictionary or list (got ${kindOf(value)})`;
  if (issue.code === 'too_big' || issue.code === 'too_small')
    return `${expectation('int', value)} (got ${kindOf(value)})`;
  return issue.message;
}

const validKinds: Readonly<Record<string, string>> = {
  string: 'a valid string',
  array: 'a valid list',
  object: 'a valid dictionary',
  record: 'a valid dictionary',
  boolean: 'a valid boolean',
};

function expectation(expected: string, value: unknown): string {
  if (expected === 'number' || expected === 'int') {
    const hint = typeof value === 'string' ? ', unable to parse string as an integer' : '';
    return `Input should be a valid integer${hint}`;
  }
  return `Input should be ${validKinds[expected] ?? `a valid ${expected}`}`;
}

function alternatives(values: readonly unknown[]): string {
  const quoted = values.map((value) => `'${String(value)}'`);
  const last = quoted.pop();
  return quoted.length === 0 ? (last ?? '') : `${quoted.join(', ')} or ${last ?? ''}`;
}

function valueAt(input: unknown, path: Location): unknown {
  let value: unknown = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    // One look-up a step: there may be as many problems as the object has keys.
    value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}
