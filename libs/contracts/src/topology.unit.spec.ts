// Names on NATS: no id can leave its place in the subject space.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environmentNamePattern, podKeyFromString, podKeyToString } from './ids.ts';
import { parsePodEventSubject, topology } from './topology.ts';

const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);

describe('subjects of pod events', () => {
  test('lead back to the pod and version they were made of', () => {
    fc.assert(
      fc.property(
        token,
        token,
        fc.integer({ min: 1 }),
        fc.constantFrom('', 'test1'),
        (tenant, podId, version, prefix) => {
          const names = topology(prefix);
          const subject = names.subjects.podEvent({ tenant, podId }, version);
          expect(parsePodEventSubject(names, subject)).toEqual({ key: { tenant, podId }, version });
        },
      ),
    );
  });
  test.each(['a.b', '*', '>', 'a b', '', 'ä', 'x'.repeat(65)])('refuse %j as an id', (podId) => {
    expect(() => topology().subjects.podEvent({ tenant: 'dev', podId }, 1)).toThrow(RangeError);
  });
  test.each([
    'pods.events.dev.docpod',
    'pods.events.dev.docpod.0',
    'pods.events.dev.docpod.1.2',
    'pods.events.dev.docpod.one',
    'other.dev.docpod.1',
  ])('%s is none', (subject) => {
    expect(parsePodEventSubject(topology(), subject)).toBeUndefined();
  });
  test('of one installation are not those of another', () => {
    const subject = topology('one').subjects.podEvent({ tenant: 'dev', podId: 'docpod' }, 1);
    expect(parsePodEventSubject(topology('two'), subject)).toBeUndefined();
  });
});

describe('keys as text', () => {
  test('are reversible', () => {
    fc.assert(
      fc.property(token, token, (tenant, podId) => {
        expect(podKeyFromString(podKeyToString({ tenant, podId }))).toEqual({ tenant, podId });
      }),
    );
  });
  test.each(['dev', 'dev.a.b', 'dev.', '*.a'])('%s is none', (text) => {
    expect(podKeyFromString(text)).toBeUndefined();
  });
});

describe('names of environment variables', () => {
  test.each(['A', '_x', 'a.b-c', '-a', '.a'])('%s is one', (name) => {
    expect(environmentNamePattern.test(name)).toBe(true);
  });
  test.each(['', '1A', 'A B', 'A=B', '.', '..', '..a', 'ä', 'A\n'])('%j is none', (name) => {
    expect(environmentNamePattern.test(name)).toBe(false);
  });
});

test('a prefix may not reach into the subject space', () => {
  expect(() => topology('a.b')).toThrow(RangeError);
});
