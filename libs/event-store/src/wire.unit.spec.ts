// Whatever a writer puts into an event comes back the same through headers; whatever lies in a message can be read.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from './testing/event-log-contract.ts';
import { decodeEvent, decodeHeaderValue, encodeEvent, encodeHeaderValue, unreadableType } from './wire.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 20 });

describe('header values', () => {
  it('hold visible ASCII only, and decode to what they were', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const encoded = encodeHeaderValue(value);
        expect(encoded).toMatch(/^[\x21-\x7e]*$/);
        expect(decodeHeaderValue(encoded)).toBe(value.toWellFormed());
      }),
    );
  });

  it('leave readable what is readable', () => {
    expect(encodeHeaderValue('PodCreated')).toBe('PodCreated');
    expect(encodeHeaderValue('ada@example.org')).toBe('ada@example.org');
    expect(encodeHeaderValue('100% of\r\nNats-Rollup: all')).toBe('100%25%20of%0D%0ANats-Rollup:%20all');
  });

  it('written by somebody else are taken as they are', () => {
    expect(decodeHeaderValue('50%')).toBe('50%');
  });
});

describe('events in messages', () => {
  const place = { seq: 7, at: '2026-01-01T00:00:00.000Z' };

  it('come back as they were written, with the hash that the writer knows', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.dictionary(anyText, fc.jsonValue()), (actor, causeId, body) => {
        const event = sampleEvent({ actor, causeId, body });
        const encoded = encodeEvent(['dev', 'docpod'], 3, event);
        const headers = new Map(encoded.headers);
        const decoded = decodeEvent(['dev', 'docpod'], 3, {
          ...place,
          header: (name) => headers.get(name) ?? '',
          body: encoded.body,
        });
        expect(decoded).toMatchObject({
          ...place,
          actor: actor.toWellFormed(),
          causeId: causeId.toWellFormed(),
          version: 3,
        });
        expect(JSON.stringify(decoded.body)).toBe(JSON.stringify(body).toWellFormed());
        expect(decoded.hash).toBe(encoded.hash);
      }),
    );
  });

  it('are unreadable, never an error, when the message is not one of ours', () => {
    const headers = new Map(encodeEvent(['dev', 'docpod'], 1, sampleEvent()).headers);
    const read = (body: Uint8Array, header = (name: string) => headers.get(name) ?? ''): string =>
      decodeEvent(['dev', 'docpod'], 1, { ...place, header, body }).type;
    const json = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
    expect(read(json({}))).toBe('PodStartRequested');
    for (const body of [json([]), json(null), json('text'), new Uint8Array(), new Uint8Array([0xff, 0xfe])]) {
      expect(read(body)).toBe(unreadableType);
    }
    expect(read(json({}), () => '')).toBe(unreadableType);
    fc.assert(
      fc.property(fc.uint8Array(), anyText, (body, value) => {
        expect(() => read(body, () => value)).not.toThrow();
      }),
    );
  });
});
