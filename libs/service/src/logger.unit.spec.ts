import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { createLogger, type Logger } from './logger.ts';
import { Redacted } from './redacted.ts';

function logged(write: (log: Logger) => void, pretty = false): string {
  const lines: string[] = [];
  write(createLogger({ app: 'spec', level: 'info', pretty, destination: { write: (line) => void lines.push(line) } }));
  return lines.join('');
}

const record = z.record(z.string(), z.unknown());

function fieldsOf(write: (log: Logger) => void): Record<string, unknown> {
  return record.parse(JSON.parse(logged(write)));
}

it('writes one JSON line with app, level, message and fields', () => {
  const fields = fieldsOf((log) => {
    log.info({ tenant: 'dev', podId: 'web', version: 3 }, 'pod seen');
  });
  expect(fields).toMatchObject({
    app: 'spec',
    level: 'info',
    msg: 'pod seen',
    tenant: 'dev',
    podId: 'web',
    version: 3,
  });
});

it('writes the time of each line in UTC', () => {
  const times = [new Date('2026-02-13T20:58:31.358Z'), new Date('2026-02-13T20:58:31.358Z'), new Date(0)];
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const text = logged((log) => {
    for (const time of times) {
      vi.setSystemTime(time);
      log.info('line');
    }
  });
  const written = text
    .trim()
    .split('\n')
    .map((line) => record.parse(JSON.parse(line))['time']);
  expect(written).toEqual(times.map((time) => time.toISOString()));
});

it('says nothing below its level', () => {
  expect(
    logged((log) => {
      log.debug('too much');
    }),
  ).toBe('');
});

it('a child adds its fields to each line', () => {
  const fields = fieldsOf((log) => {
    log.child({ component: 'replica' }).warn({ seq: 7 }, 'behind');
  });
  expect(fields).toMatchObject({ component: 'replica', seq: 7 });
});

it.each([
  ['a token', { token: 'hunter2' }],
  ['a header', { headers: { authorization: 'hunter2', cookie: 'hunter2', 'X-Tapis-Token': 'hunter2' } }],
  ['a deeper header', { request: { headers: { 'set-cookie': 'hunter2' } } }],
  ['a password', { password: 'hunter2' }],
  ['a redacted value under any name', { anything: new Redacted('hunter2') }],
])('does not write %s', (_what, detail) => {
  expect(
    logged((log) => {
      log.info({ detail }, 'request');
    }),
  ).not.toContain('hunter2');
});

it.each<[string, object]>([
  ['beside the known fields', { token: 'hunter2' }],
  ['in what is no field of ours', { session: { refreshToken: 'hunter2' } }],
  ['in a list', { detail: { all: [{ seed: 'hunter2' }] } }],
  ['in any spelling', { detail: { AUTHORIZATION: 'hunter2' } }],
  ['behind toJSON', { detail: { request: { toJSON: () => ({ secret: 'hunter2' }) } } }],
  ['as a property of an error', { detail: { problem: Object.assign(new Error('outer'), { config: 'hunter2' }) } }],
  ['deeper than anybody looks', { detail: { a: { b: { c: { d: { e: { f: 'hunter2' } } } } } } }],
])('does not write a secret %s, of a line or a child', (_where, fields) => {
  const text = logged((log) => {
    log.info(fields, 'line');
    log.child(fields).info('line of a child');
    log.child({ tenant: 'dev' }).child(fields).info('line of a child of a child');
  });
  expect(text.match(/"msg"/g)).toHaveLength(3);
  expect(text).not.toContain('hunter2');
});

it('writes a detail that refers to itself', () => {
  const detail: Record<string, unknown> = { name: 'loop' };
  detail['self'] = detail;
  expect(fieldsOf((log) => log.info({ detail }, 'line'))).toMatchObject({ detail: { name: 'loop' } });
});

it('writes the name, code, stack and causes of an error, and no other property of it', () => {
  const cause = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED' });
  const err = Object.assign(new Error('outer', { cause }), { request: { token: 'hunter2' } });
  const fields = fieldsOf((log) => {
    log.error({ err }, 'failed');
  });
  expect(fields['err']).toMatchObject({
    type: 'Error',
    message: 'outer',
    cause: { type: 'TypeError', message: 'inner', code: 'ECONNREFUSED' },
  });
  expect(JSON.stringify(fields)).toContain('logger.unit.spec');
  expect(JSON.stringify(fields)).not.toContain('hunter2');
});

it('survives an error that is its own cause', () => {
  const err = new Error('loop');
  err.cause = err;
  const fields = fieldsOf((log) => {
    log.error({ err }, 'failed');
  });
  expect(fields).toMatchObject({ msg: 'failed' });
});

it('writes for people when asked to', () => {
  const text = logged((log) => {
    log.error({ podId: 'web', err: new Error('boom') }, 'failed');
  }, true);
  expect(text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ERROR spec failed podId=web\n {2}Error: boom\n/);
});
