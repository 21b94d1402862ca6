import { expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadConfig, type Environment } from './config.ts';
import { Redacted } from './redacted.ts';
import { durationMs, portSchema, urlSchema } from './settings.ts';

const schema = z
  .object({
    HTTP_PORT: portSchema(),
    UPSTREAM: urlSchema(),
    MODE: z.enum(['slow', 'fast']).default('slow'),
    GRACE: durationMs().default(1000),
    PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  })
  .transform((env) => ({ http: { port: env.HTTP_PORT }, tags: ['a'], ...env }));

const good = { HTTP_PORT: '8000', UPSTREAM: 'http://127.0.0.1:1' };

function problemOf(env: Environment): string {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

it('gives typed, possibly nested values and ignores settings that it does not know', () => {
  expect(loadConfig(schema, { ...good, HOME: '/root' })).toMatchObject({
    http: { port: 8000 },
    MODE: 'slow',
    GRACE: 1000,
  });
});

it('takes an empty setting for one that is not set', () => {
  expect(loadConfig(schema, { ...good, MODE: '', GRACE: undefined })).toMatchObject({ MODE: 'slow', GRACE: 1000 });
});

it('cannot be changed afterwards, at no depth', () => {
  const config = loadConfig(schema, good);
  expect([config, config.http, config.tags].every((part) => Object.isFrozen(part))).toBe(true);
});

it('leaves instances as they are', () => {
  const withSecret = z.object({ A: z.string().transform((text) => new Redacted(text)) });
  expect(loadConfig(withSecret, { A: 'x' }).A.reveal()).toBe('x');
});

it('lists every bad setting at once, each with its rule and the kind of its value', () => {
  const lines = problemOf({ HTTP_PORT: '70000', MODE: '["x"]', PASSWORD: 'hunter2' }).split('\n');
  expect(lines).toEqual([
    'bad configuration, fix these environment variables:',
    '  HTTP_PORT: must be a port from 0 to 65535 (it is a number)',
    expect.stringMatching(/^ {2}UPSTREAM: .* \(it is not set\)$/),
    expect.stringMatching(/^ {2}MODE: .* \(it looks like JSON\)$/),
    '  PASSWORD: must have at least 8 characters (it is text)',
  ]);
});

it('never repeats a value', () => {
  const message = problemOf({
    HTTP_PORT: 'portvalue',
    UPSTREAM: 'http://bob:urlvalue@host',
    MODE: 'modevalue',
    GRACE: 'gracevalue',
    PASSWORD: 'pwvalue',
  });
  expect(message.match(/^ {2}/gm)).toHaveLength(5);
  expect(message).not.toMatch(/value(?!\))/);
});

it('names the place inside a setting that holds JSON', () => {
  const json = z.string().transform((text): unknown => JSON.parse(text));
  const nested = z.object({ BACKENDS: json.pipe(z.object({ api: urlSchema() })) });
  expect(() => loadConfig(nested, { BACKENDS: '{"api":"nonsense"}' })).toThrow(
    'BACKENDS.api: must be a URL such as http://127.0.0.1:8000 (it looks like JSON)',
  );
});

it('names a rule over several settings without inventing a variable', () => {
  const pair = z.object({ A: z.string(), B: z.string() }).refine((env) => env.A !== env.B, 'A and B must differ');
  expect(() => loadConfig(pair, { A: 'same', B: 'same' })).toThrow('\n  settings together: A and B must differ');
});
