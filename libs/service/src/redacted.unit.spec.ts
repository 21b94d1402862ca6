import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Redacted } from './redacted.ts';

const secret = new Redacted('hunter2');

it('gives the secret to who asks for it', () => {
  expect(secret.reveal()).toBe('hunter2');
});

it.each([
  ['JSON', JSON.stringify({ password: secret })],
  ['a string template', String.raw({ raw: ['', ''] }, secret)],
  ['concatenation', ['', secret].join('-')],
  ['util.inspect', inspect({ nested: [secret] }, { showHidden: true, depth: 9 })],
  ['an enumeration of its properties', JSON.stringify(Object.entries(secret))],
])('does not show it in %s', (_where, text) => {
  expect(text).not.toContain('hunter2');
});

it('says that something was left out', () => {
  expect(String(secret)).toBe('[redacted]');
});
