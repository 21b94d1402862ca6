// However many mistakes a body holds, they are found in time that grows with its size, and few lines are said about them.
import { describe, expect, it } from 'vitest';
import { createPodParser } from './create-pod.ts';
import { defaultResourceSettings } from './fields/resources.ts';
import type { Problem } from './problem.ts';
import { problemLine, problemLines } from './problem.ts';
import { unusableParts } from './unusable-parts.ts';

const parse = createPodParser({ resources: defaultResourceSettings, computeQueues: ['default'] });
const entries = (count: number, value: unknown): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`K${index}`, value]));

function problemsOf(change: object): readonly Problem[] {
  const parsed = parse({ pod_id: 'docpod', image: 'pods.local/web:1', ...change }, 'dev.test');
  return parsed.ok ? [] : parsed.problems;
}

/** The same object, with every look at it or its keys counted. */
function watched<Value extends object>(value: Value): { readonly value: Value; readonly looks: () => number } {
  let looks = 0;
  const count = (by: number): void => {
    looks += by;
  };
  const watcher = new Proxy(value, {
    get: (target, key): unknown => {
      count(1);
      return Reflect.get(target, key);
    },
    getOwnPropertyDescriptor: (target, key) => {
      count(1);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    ownKeys: (target) => {
      const keys = Reflect.ownKeys(target);
      count(keys.length);
      return keys;
    },
  });
  return { value: watcher, looks: () => looks };
}

describe('many mistakes in one body', () => {
  const count = 2000;

  it.each([
    ['wrong variables', (value: object) => ({ environment_variables: value }), entries(count, 1)],
    ['bad variables', (value: object) => ({ environment_variables: value }), entries(count, '\0')],
    ['wrong words', (value: object) => ({ command: value }), Array.from({ length: count }, () => 1)],
    ['wrong entries', (value: object) => ({ networking: value }), entries(count, { port: 1 })],
    ['unknown keys', (value: object) => ({ resources: value }), entries(count, 1)],
  ])('cost a few looks each, however many there are: %s', (_what, change, value) => {
    const seen = watched(value);
    expect(problemsOf(change(seen.value)).length).toBeGreaterThanOrEqual(count);
    expect(seen.looks() / count).toBeLessThan(20);
  });

  it('are told by the first fifty and the number of the others', () => {
    const problems = problemsOf({ environment_variables: entries(60_000, 1) });
    const lines = problemLines(problems);
    expect(problems).toHaveLength(60_000);
    expect(lines).toHaveLength(51);
    expect(lines[49]).toContain('K49');
    expect(lines[50]).toBe('and 59950 more');
    expect(problemLines(problems.slice(0, 50))).toHaveLength(50);
  });
});

describe('a line', () => {
  it('shows no endless location', () => {
    const location = Array.from({ length: 1000 }, (_, index) => index);
    expect(problemLine({ location, text: 'x' })).toBe('0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, ...: x');
  });
});

describe('what JSON can say and nothing can hold', () => {
  const linesOf = (json: string): readonly string[] => {
    const body: unknown = JSON.parse(json);
    if (typeof body !== 'object' || body === null) throw new TypeError('no object');
    return problemLines(unusableParts(body, 'body'));
  };
  const proto = 'Value error, no key can have the name __proto__; choose another one';
  const half = 'must be well-formed Unicode, and holds half of a surrogate pair';

  it.each([
    ['a key __proto__', '{"__proto__":{}}', [`body, __proto__: ${proto}`]],
    [
      'a key __proto__ inside',
      '{"networking":{"__proto__":{"port":80}},"a":[{"__proto__":1}]}',
      [`body, networking, __proto__: ${proto}`, `body, a, 0, __proto__: ${proto}`],
    ],
    ['half a pair in a list', String.raw`{"command":["a","\ud800"]}`, [`body, command, 1: Value error, ${half}`]],
    [
      'half a pair in a key',
      String.raw`{"environment_variables":{"\udfff":"x"}}`,
      [`body, environment_variables, ?: Value error, the key ${half}`],
    ],
  ])('is refused by name: %s', (_what, json, lines) => {
    expect(linesOf(json)).toEqual(lines);
  });

  it('is not what only looks like it', () => {
    expect(linesOf(String.raw`{"a":"__proto__","constructor":{"prototype":"\ud83d\ude00"},"n":[1,null,true]}`)).toEqual(
      [],
    );
  });

  it('is more values than a definition can have, in one place or in all', () => {
    const line = 'body: Value error, may hold at most 20000 values in all';
    expect(linesOf(`{"a":[${'1,'.repeat(500_000)}1]}`)).toEqual([line]);
    expect(linesOf(`{"a":${'['.repeat(100_000)}1${']'.repeat(100_000)}}`)).toEqual([line]);
    expect(linesOf(`{"a":[${'[1],'.repeat(10_000)}1]}`)).toEqual([line]);
    expect(linesOf(`{"a":[${'1,'.repeat(19_997)}1]}`)).toEqual([]);
  });

  it('is found however long or deep a body is', () => {
    const deep = `{"a":${'['.repeat(15_000)}"\\ud800"${']'.repeat(15_000)}}`;
    expect(linesOf(deep)).toHaveLength(1);
    const wide = `{"a":[${'1,'.repeat(15_000)}"\\ud800"]}`;
    expect(linesOf(wide)).toEqual([`body, a, 15000: Value error, ${half}`]);
    expect(linesOf(`{"a":[${'"\\ud800",'.repeat(1000)}1]}`)).toHaveLength(50);
  });
});
