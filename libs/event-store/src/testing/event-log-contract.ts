// The promises of the event log's port as specs, run on the twin and on every adapter.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyHistory } from '../hash.ts';
import type { EventLog, HistoryKey, NewEvent } from '../port.ts';
import { EventTooLargeError, genesisHash, LogFullError } from '../port.ts';

/** A log for one run of the suite. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** A second way to the same log, as another process has it. */
  readonly other: EventLog;
  /** A log that takes about 40 KB and no more. */
  readonly small: EventLog;
  readonly close: () => Promise<void>;
}

let keys = 0;

/** A key that no other spec of this process uses. */
export function freshKey(): HistoryKey {
  keys += 1;
  return ['contract', `pod${keys}`];
}

/** An event with everything filled in. */
export function sampleEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  return {
    eventId: crypto.randomUUID(),
    type: 'PodStartRequested',
    causeId: crypto.randomUUID(),
    causeHash: 'c'.repeat(64),
    actor: 'ada',
    schema: 1,
    previousHash: genesisHash,
    body: {},
    ...overrides,
  };
}

/** Appends `count` chained events from version 1 on. */
export async function appendHistory(log: EventLog, key: HistoryKey, count: number): Promise<void> {
  let previousHash = genesisHash;
  for (let version = 1; version <= count; version += 1) {
    const outcome = await log.append(key, version, sampleEvent({ previousHash, body: { number: version } }));
    if (outcome.kind === 'conflict') throw new Error(`version ${version} was taken`);
    previousHash = outcome.hash;
  }
}

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Defines the suite. `name` says what is tested, `makeLog` opens it before the first spec. */
export function eventLogContract(name: string, makeLog: () => Promise<LogUnderTest>): void {
  describe(`the event log's promises: ${name}`, () => {
    let subject: LogUnderTest;
    beforeAll(async () => {
      subject = await makeLog();
    });
    afterAll(async () => {
      await subject.close();
    });

    it('gives back what was appended, with its place and a time of its own', async () => {
      const key = freshKey();
      const event = sampleEvent({ body: { text: 'grüße', nested: { list: [1, null, true] } } });
      const outcome = await subject.log.append(key, 1, event);
      const recorded = await subject.log.readAt(key, 1);
      expect(outcome).toEqual({ kind: 'appended', seq: recorded?.seq, hash: recorded?.hash });
      expect(recorded).toMatchObject({ ...event, key, version: 1 });
      expect(recorded?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(await subject.log.last(key)).toEqual(recorded);
      expect(await subject.log.last(key, { fresh: true })).toEqual(recorded);
      expect(await subject.log.read(key)).toEqual([recorded]);
    });

    it('says nothing of a history that does not exist', async () => {
      const key = freshKey();
      expect(await subject.log.last(key)).toBeUndefined();
      expect(await subject.log.readAt(key, 1)).toBeUndefined();
      expect(await subject.log.read(key)).toEqual([]);
    });

    it('keeps histories apart whose ids begin alike', async () => {
      await subject.log.append(['contract', 'alike'], 1, sampleEvent());
      expect(await subject.log.last(['contract', 'alike1'])).toBeUndefined();
      expect(await subject.log.last(['contracts', 'alike'])).toBeUndefined();
    });

    it('gives a version to the first writer only, and leaves the event of the first', async () => {
      const key = freshKey();
      const first = sampleEvent({ actor: 'first' });
      await subject.log.append(key, 1, first);
      expect(await subject.other.append(key, 1, sampleEvent({ actor: 'second' }))).toEqual({ kind: 'conflict' });
      expect(await subject.log.read(key)).toMatchObject([{ eventId: first.eventId, actor: 'first' }]);
    });

    it('refuses an event whose named predecessor is not the newest of its history', async () => {
      const key = freshKey();
      const first = await subject.log.append(key, 1, sampleEvent(), 0);
      const seq = first.kind === 'appended' ? first.seq : 0;
      expect(await subject.log.append(key, 2, sampleEvent(), seq + 1)).toEqual({ kind: 'conflict' });
      expect(await subject.log.append(key, 3, sampleEvent(), 0)).toEqual({ kind: 'conflict' });
      expect(await subject.log.append(freshKey(), 4, sampleEvent(), seq)).toEqual({ kind: 'conflict' });
      const event = sampleEvent();
      const second = await subject.log.append(key, 2, event, seq);
      expect(second).toMatchObject({ kind: 'appended' });
      expect(await subject.other.append(key, 2, event, seq)).toEqual(second);
      expect(await subject.other.append(key, 2, sampleEvent(), seq)).toEqual({ kind: 'conflict' });
      expect(await subject.log.read(key)).toHaveLength(2);
    });

    it('answers a repeated append of the same event with the first outcome', async () => {
      const key = freshKey();
      const event = sampleEvent();
      const first = await subject.log.append(key, 1, event);
      expect(await subject.log.append(key, 1, event)).toEqual(first);
      expect(await subject.other.append(key, 1, event)).toEqual(first);
      expect(await subject.log.read(key)).toHaveLength(1);
    });

    it('lets exactly one of several racing writers win each version', async () => {
      const key = freshKey();
      const rounds = 40;
      for (let version = 1; version <= rounds; version += 1) {
        const racers = [subject.log, subject.other, subject.log, subject.other];
        const outcomes = await Promise.all(racers.map((log) => log.append(key, version, sampleEvent())));
        expect(outcomes.map((outcome) => outcome.kind).toSorted()).toEqual([
          'appended',
          'conflict',
          'conflict',
          'conflict',
        ]);
      }
      const history = await subject.log.read(key);
      expect(history.map((event) => event.version)).toEqual(Array.from({ length: rounds }, (_, index) => index + 1));
    });

    it('reads a part of a history', async () => {
      const key = freshKey();
      await appendHistory(subject.log, key, 5);
      const versions = async (from?: number, through?: number): Promise<readonly number[]> =>
        (await subject.other.read(key, from, through)).map((event) => event.version);
      expect(await versions()).toEqual([1, 2, 3, 4, 5]);
      expect(await versions(4)).toEqual([4, 5]);
      expect(await versions(2, 3)).toEqual([2, 3]);
      expect(await versions(6)).toEqual([]);
      expect(await versions(1, 9)).toEqual([1, 2, 3, 4, 5]);
    });

    it('chains each event to the one before it', async () => {
      const key = freshKey();
      await appendHistory(subject.log, key, 4);
      const history = await subject.other.read(key);
      expect(verifyHistory(history)).toEqual({ ok: true, version: 4, hash: history.at(-1)?.hash });
    });

    it('orders all histories by one sequence that only grows', async () => {
      const keyA = freshKey();
      const keyB = freshKey();
      await appendHistory(subject.log, keyA, 2);
      await appendHistory(subject.log, keyB, 2);
      const sequences = [...(await subject.log.read(keyA)), ...(await subject.log.read(keyB))].map(
        (event) => event.seq,
      );
      expect(sequences).toEqual([...new Set(sequences)].toSorted((a, b) => a - b));
      expect((await subject.log.usage()).lastSeq).toBe(sequences.at(-1));
    });

    it('keeps any actor, cause and JSON body exactly, and gives the hash that the writer was told', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'binary', maxLength: 40 }),
          fc.string({ unit: 'grapheme', maxLength: 40 }),
          fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 }),
          async (actor, causeId, json) => {
            const key = freshKey();
            // What JSON cannot hold, such as a negative zero, is not asked for.
            const body = Object.fromEntries(Object.entries(json).map(([field, value]) => [field, throughJson(value)]));
            const outcome = await subject.log.append(key, 1, sampleEvent({ actor, causeId, body }));
            const recorded = await subject.other.readAt(key, 1);
            expect(recorded).toMatchObject({ actor: actor.toWellFormed(), causeId });
            expect(recorded?.body).toEqual(body);
            expect(outcome).toMatchObject({ kind: 'appended', hash: recorded?.hash });
          },
        ),
        { numRuns: 60 },
      );
    });

    it('refuses an event that does not fit into a message', async () => {
      const key = freshKey();
      const tooLarge = subject.log.append(key, 1, sampleEvent({ body: { text: 'x'.repeat(70_000) } }));
      await expect(tooLarge).rejects.toBeInstanceOf(EventTooLargeError);
      expect(await subject.log.last(key)).toBeUndefined();
    });

    it('loses nothing when it is full, and says so', async () => {
      const key = freshKey();
      const fill = async (): Promise<number> => {
        for (let version = 1; version <= 100; version += 1) {
          await subject.small
            .append(key, version, sampleEvent({ body: { text: 'x'.repeat(4000) } }))
            .catch((error: unknown) => {
              expect(error).toBeInstanceOf(LogFullError);
              throw new Error(`full at ${version}`);
            });
        }
        return 100;
      };
      await expect(fill()).rejects.toThrow(/^full at \d+$/);
      const history = await subject.small.read(key);
      expect(history.length).toBeGreaterThan(3);
      const usage = await subject.small.usage();
      expect(usage.bytes).toBeGreaterThan(usage.bytesMax * 0.8);
      expect(usage.bytes).toBeLessThanOrEqual(usage.bytesMax);
    });
  });
}
