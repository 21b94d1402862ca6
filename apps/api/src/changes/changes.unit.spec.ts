import { describe, expect, it } from 'vitest';
import type { CommandSource } from './command-id.ts';
import { canonicalJson, commandContext } from './command-id.ts';
import { parseIfMatch } from './if-match.ts';

let counter = 0;
const source: CommandSource = {
  tenant: 'dev',
  user: 'ada',
  route: 'POST /pods',
  podId: 'docpod',
  body: { a: 1, b: { c: [1, 2] } },
  idempotencyKey: 'key-1',
  newId: () => `id-${(counter += 1)}`,
};

const contextOf = (change: Partial<CommandSource>) => {
  const context = commandContext({ ...source, ...change });
  if (!context.ok) throw new Error('refused');
  return context.value;
};

describe('the id of a command', () => {
  it('is the same for the same request of the same user, and so is its content', () => {
    const again = contextOf({ body: { b: { c: [1, 2] }, a: 1 } });
    expect(again).toEqual(contextOf({}));
  });

  it.each([
    ['tenant', { tenant: 'lab' }],
    ['user', { user: 'bob' }],
    ['route', { route: 'PUT /pods/{pod_id}' }],
    ['pod', { podId: 'other' }],
    ['key', { idempotencyKey: 'key-2' }],
  ])('differs with the %s', (_what, change) => {
    expect(contextOf(change).commandId).not.toBe(contextOf({}).commandId);
  });

  it('stays with another body, whose content then tells them apart', () => {
    const other = contextOf({ body: { a: 2 } });
    expect(other.commandId).toBe(contextOf({}).commandId);
    expect(other.commandHash).not.toBe(contextOf({}).commandHash);
  });

  it('is a new one without a key', () => {
    const keyless = { idempotencyKey: undefined };
    expect(contextOf(keyless).commandId).not.toBe(contextOf(keyless).commandId);
  });

  it.each(['', 'a b', 'x'.repeat(256), 'ü'])('cannot come from the key %j', (idempotencyKey) => {
    expect(commandContext({ ...source, idempotencyKey })).toMatchObject({
      ok: false,
      problems: [{ location: ['header', 'Idempotency-Key'] }],
    });
  });
});

describe('canonical JSON', () => {
  it('has its keys in order, at every depth', () => {
    expect(canonicalJson({ b: [{ d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[{"c":"x","d":null}]}');
  });
});

describe('If-Match', () => {
  it.each([
    ['"3"', 3],
    [' "12" ', 12],
    ['*', undefined],
    [undefined, undefined],
  ])('%j names version %s', (header, value) => {
    expect(parseIfMatch(header)).toEqual({ ok: true, value });
  });

  it.each(['', ' ', '3', '"0"', '"x"', 'W/"3"', '"1", "2"', '"-1"'])('%j is refused', (header) => {
    expect(parseIfMatch(header)).toMatchObject({ ok: false, problems: [{ location: ['header', 'If-Match'] }] });
  });
});
