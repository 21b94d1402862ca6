import { expect, it } from 'vitest';
import { createReadiness } from './readiness.ts';

it('is not ready before anything was declared', () => {
  expect(createReadiness().state()).toEqual({ ready: false, reasons: { app: 'starting' } });
});

it('is ready when every need holds, and gives the reasons of those that do not', () => {
  const readiness = createReadiness();
  const nats = readiness.need('nats');
  const replica = readiness.need('replica');
  expect(readiness.state().reasons).toEqual({ nats: 'starting', replica: 'starting' });
  nats.set(true);
  replica.set(false, '12 entries behind');
  expect(readiness.state()).toEqual({ ready: false, reasons: { replica: '12 entries behind' } });
  replica.set(true);
  expect(readiness.state()).toEqual({ ready: true, reasons: {} });
});

it('turns back when a need is lost', () => {
  const readiness = createReadiness();
  const nats = readiness.need('nats');
  nats.set(true);
  nats.set(false);
  expect(readiness.state()).toEqual({ ready: false, reasons: { nats: 'not ready' } });
});

it('is never ready once the app is stopping', () => {
  const stopping = new AbortController();
  const readiness = createReadiness(stopping.signal);
  readiness.need('nats').set(true);
  stopping.abort();
  expect(readiness.state()).toEqual({ ready: false, reasons: { app: 'stopping' } });
});

it('refuses a second need of the same name', () => {
  const readiness = createReadiness();
  readiness.need('nats');
  expect(() => readiness.need('nats')).toThrow("'nats' is declared twice");
});
