// The hash tells any two events apart, and the check of a chain finds the first link that does not hold.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HashedEvent } from './hash.ts';
import { hashEvent, verifyHistory } from './hash.ts';
import type { MemoryLog } from './memory/memory-log.ts';
import { createMemoryLog } from './memory/memory-log.ts';
import type { RecordedEvent } from './port.ts';
import { genesisHash } from './port.ts';
import { appendHistory } from './testing/event-log-contract.ts';

const text = fc.string({ maxLength: 6 });
const anyEvent: fc.Arbitrary<HashedEvent> = fc.record({
  key: fc.array(text, { minLength: 1, maxLength: 3 }),
  version: fc.integer({ min: 1, max: 99 }),
  type: text,
  eventId: text,
  causeId: text,
  causeHash: text,
  actor: text,
  schema: fc.integer({ min: 1, max: 9 }),
  previousHash: text,
  bodyBytes: fc.uint8Array({ maxLength: 6 }),
});

const comparable = (event: HashedEvent): string => JSON.stringify({ ...event, bodyBytes: [...event.bodyBytes] });

describe('the hash of an event', () => {
  it('differs for events that differ anywhere, also where texts only move from one field to the next', () => {
    fc.assert(
      fc.property(anyEvent, anyEvent, (one, other) => {
        expect(hashEvent(one) === hashEvent(other)).toBe(comparable(one) === comparable(other));
      }),
    );
    const event: HashedEvent = {
      key: ['a', 'bc'],
      version: 1,
      type: 'T',
      eventId: 'e',
      causeId: '',
      causeHash: '',
      actor: 'x',
      schema: 1,
      previousHash: genesisHash,
      bodyBytes: new Uint8Array(),
    };
    const moved = [
      event,
      { ...event, key: ['ab', 'c'] },
      { ...event, causeId: 'x', actor: '' },
      { ...event, key: ['a', 'bc', ''] },
    ];
    expect(new Set(moved.map(hashEvent)).size).toBe(moved.length);
  });

  it('never changes: a stored chain must verify with every later version of this software', () => {
    const event: HashedEvent = {
      key: ['dev', 'docpod'],
      version: 2,
      type: 'PodStopRequested',
      eventId: '0190f5a0-0000-7000-8000-000000000001',
      causeId: 'command-1',
      causeHash: 'c'.repeat(64),
      actor: 'zoë',
      schema: 1,
      previousHash: genesisHash,
      bodyBytes: new TextEncoder().encode('{"text":"grüße"}'),
    };
    expect(hashEvent(event)).toBe('addff139283cdab209683a80eb2d647aedb2cdc4ff1cdd70d26b89581569500e');
  });
});

describe('the check of a history', () => {
  let log: MemoryLog;
  let history: readonly RecordedEvent[];
  beforeEach(async () => {
    log = createMemoryLog();
    await appendHistory(log, ['dev', 'docpod'], 5);
    history = await log.read(['dev', 'docpod']);
  });

  it('holds for what was appended, whole or from a trusted place on', () => {
    expect(verifyHistory(history)).toEqual({ ok: true, version: 5, hash: history[4]?.hash });
    const start = { version: 2, hash: history[1]?.hash ?? '' };
    expect(verifyHistory(history.slice(2), start)).toMatchObject({ ok: true, version: 5 });
    expect(verifyHistory([])).toEqual({ ok: true, version: 0, hash: genesisHash });
  });

  it('names the successor of an event that was changed', () => {
    const changed = history.map((event) => (event.version === 3 ? { ...event, hash: 'f'.repeat(64) } : event));
    expect(verifyHistory(changed)).toEqual({ ok: false, version: 4, broken: 'previous-hash' });
  });

  it('names an event that is missing', () => {
    expect(verifyHistory(history.filter(({ version }) => version !== 2))).toEqual({
      ok: false,
      version: 2,
      broken: 'missing-event',
    });
    expect(verifyHistory(history.slice(1))).toEqual({ ok: false, version: 1, broken: 'missing-event' });
  });
});
