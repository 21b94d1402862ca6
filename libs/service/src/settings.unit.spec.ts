import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commonSettings, durationMs, fileSecret, natsSettings, portSchema, urlSchema } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'settings-spec-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function problemOf(schema: z.ZodType, value: string): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

describe('a port', () => {
  it.each([
    ['0', 0],
    ['65535', 65_535],
  ])('%s is accepted', (text, port) => {
    expect(portSchema().parse(text)).toBe(port);
  });
  it.each(['65536', '-1', '80.5', '8e3', ' 80', ''])('%o is refused', (text) => {
    expect(portSchema().safeParse(text).success).toBe(false);
  });
});

describe('a URL', () => {
  it('comes without slashes at its end, so that paths can be appended', () => {
    expect(urlSchema().parse('http://host:8000/base//')).toBe('http://host:8000/base');
  });
  it('must have one of the schemes asked for', () => {
    expect(problemOf(urlSchema(['nats', 'tls']), 'http://host')).toBe('must be a URL that starts with nats or tls');
  });
  it('must not carry credentials, which would end up in logs', () => {
    expect(problemOf(urlSchema(), 'http://user:pw@host')).toContain('put those in a file');
  });
});

describe('a duration', () => {
  it.each([
    ['0ms', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
  ])('%s is %i ms', (text, ms) => {
    expect(durationMs().parse(text)).toBe(ms);
  });
  it.each(['30', '1.5s', '-1s', '1 s', '1w', ''])('%o is refused', (text) => {
    expect(durationMs().safeParse(text).success).toBe(false);
  });
  it('must lie within its limits', () => {
    expect(problemOf(durationMs({ minMs: 1000, maxMs: 60_000 }), '61s')).toBe(
      'must be a duration from 1000 ms to 60000 ms',
    );
  });
});

describe('a secret in a file', () => {
  it('is the content without the line break that editors add', () => {
    expect(fileSecret().parse(file('good', ' s3cret\n')).reveal()).toBe('s3cret');
  });
  it('may not be empty', () => {
    expect(problemOf(fileSecret(), file('empty', '\n'))).toBe('must name a file that is not empty');
  });
  it('says why it cannot be read, without the path', () => {
    expect(problemOf(fileSecret(), join(folder, 'missing'))).toBe(
      'must name a readable file; reading it failed with ENOENT',
    );
  });
});

it('the shared settings accept what the local platform sets', () => {
  const all = z.object({ ...commonSettings, ...natsSettings });
  const env = { PODS_SITE: 'local', OPS_PORT: '9100', NATS_URL: 'nats://127.0.0.1:4222' };
  expect(all.parse({ ...env, NATS_NKEY_SEED_FILE: file('seed', 'SU…') })).toMatchObject({
    PODS_PREFIX: '',
    LOG_LEVEL: 'info',
    OPS_HOST: '127.0.0.1',
  });
});
