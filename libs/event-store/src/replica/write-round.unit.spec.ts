// The rule of the snapshot, under every order of steps that fast-check can think of: writers at different places,
// interleaved request by request, killed at any of them, tombstones removed and the bucket replaced in between.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bucket } from './bucket.ts';
import type { SnapshotValue } from './snapshot-format.ts';
import { decodeSnapshotValue, decodeWatermark, watermarkKey } from './snapshot-format.ts';
import { writeRound } from './write-round.ts';

interface ModelEvent {
  readonly key: string;
  readonly version: number;
  readonly seq: number;
  readonly gone: boolean;
}

class Killed extends Error {}

/** Histories of three objects: each lives, goes, and lives again. */
const histories = fc
  .array(fc.record({ object: fc.nat({ max: 2 }), goes: fc.boolean() }), { minLength: 1, maxLength: 14 })
  .map((steps) => {
    const last = new Map<string, ModelEvent>();
    return steps.map(({ object, goes }, index): ModelEvent => {
      const key = `t.o${object}`;
      const before = last.get(key);
      const isLive = before !== undefined && !before.gone;
      const event = { key, version: (before?.version ?? 0) + 1, seq: index + 1, gone: isLive && goes };
      last.set(key, event);
      return event;
    });
  });

type Step = () => Promise<void>;

/** A bucket in memory that checks the rule after every change. */
class ModelBucket {
  readonly #history: readonly ModelEvent[];
  readonly #entries = new Map<string, { revision: number; text: string | undefined }>();
  #revision = 0;
  #identity = 1;
  watermark = 0;

  constructor(history: readonly ModelEvent[]) {
    this.#history = history;
  }

  /** As one writer sees it: `step` decides when each request is carried out, and may kill the writer instead. */
  seenBy(step: Step): Bucket {
    return {
      get: async (key) => {
        await step();
        return this.#entries.get(key) ?? { revision: 0, text: undefined };
      },
      replace: async (key, revision, text) => {
        await step();
        return this.#put(key, revision, text);
      },
      remove: async (key, revision) => {
        await step();
        return this.#put(key, revision, undefined);
      },
      identity: async () => {
        await step();
        return String(this.#identity);
      },
    };
  }

  /** Removes every tombstone that the watermark allows to remove, without waiting for its hour. */
  removeTombstones(): void {
    for (const [key, { revision, text }] of this.#entries) {
      const value = text === undefined ? undefined : decodeSnapshotValue(text);
      if (value?.kind === 'gone' && value.seq <= this.watermark) this.#put(key, revision, undefined);
    }
  }

  replaceBucket(): void {
    this.#entries.clear();
    this.#identity += 1;
    this.watermark = 0;
  }

  #put(key: string, revision: number, text: string | undefined): boolean {
    if ((this.#entries.get(key)?.revision ?? 0) !== revision) return false;
    this.#revision += 1;
    this.#entries.set(key, { revision: this.#revision, text });
    this.#check();
    return true;
  }

  #check(): void {
    const watermark = decodeWatermark(this.#entries.get(watermarkKey)?.text ?? '')?.seq ?? 0;
    if (watermark < this.watermark) throw new Error('the watermark went back');
    this.watermark = watermark;
    for (const event of newestOf(this.#history, watermark).values()) {
      const text = this.#entries.get(event.key)?.text;
      const value = text === undefined ? undefined : decodeSnapshotValue(text);
      const problem = problemOf(event, value);
      if (problem !== undefined)
        throw new Error(`${problem}: ${JSON.stringify({ event, value: value ?? null, watermark })}`);
    }
  }
}

function problemOf(event: ModelEvent, value: SnapshotValue | undefined): string | undefined {
  if (value === undefined) return event.gone ? undefined : 'an object is missing';
  if (value.version < event.version) return event.gone ? 'an object is back' : 'a value is too old';
  if (value.version === event.version && event.gone !== (value.kind === 'gone')) return 'a value is wrong';
  return undefined;
}

function newestOf(history: readonly ModelEvent[], upTo: number): Map<string, ModelEvent> {
  return new Map(history.filter(({ seq }) => seq <= upTo).map((event) => [event.key, event]));
}

function valueOf({ version, seq, gone }: ModelEvent): SnapshotValue {
  const place = { version, seq, at: '2026-01-01T00:00:00.000Z' };
  return gone ? { kind: 'gone', ...place } : { kind: 'fold', ...place, hash: 'h', state: { version } };
}

function valuesOf(history: readonly ModelEvent[], upTo: number): Map<string, SnapshotValue> {
  return new Map([...newestOf(history, upTo)].map(([key, event]) => [key, valueOf(event)]));
}

/** A writer that starts from the bucket and writes each time it has applied some more. */
async function runWriter(
  history: readonly ModelEvent[],
  model: ModelBucket,
  advances: readonly number[],
  step: Step,
): Promise<void> {
  const bucket = model.seenBy(step);
  let base = model.watermark;
  let applied = base;
  for (const advance of advances) {
    applied = Math.min(applied + advance, history.length);
    const changedSince = history.filter(({ seq }) => seq > base && seq <= applied);
    const newest = newestOf(history, applied);
    const values = new Map([...newestOf(changedSince, applied).keys()].map((key) => [key, newest.get(key)]));
    const round = {
      bucket,
      values: new Map(
        [...values].flatMap(([key, event]) => (event === undefined ? [] : [[key, valueOf(event)] as const])),
      ),
      watermark: { seq: applied, hash: 'h' },
      base,
      everything: () => valuesOf(history, applied),
    };
    try {
      base = (await writeRound(round)).watermarkSeq;
    } catch (error) {
      if (error instanceof Error && error.name === 'RoundDisturbedError') continue;
      if (error instanceof Killed) return;
      throw error;
    }
  }
}

const advances = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 });
const lifetimes = fc.record({ advances, steps: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(Infinity)) });

describe('rounds of snapshot writing', () => {
  it('keep every event up to the watermark in the values, whoever writes, in whatever order, killed anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        histories,
        fc.array(fc.array(lifetimes, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.constantFrom('tombstones', 'bucket'), { maxLength: 3 }),
        async (scheduler, history, processes, disturbances) => {
          const model = new ModelBucket(history);
          const tick = (): Promise<void> => scheduler.schedule(Promise.resolve());
          const runProcess = async (lives: readonly { advances: number[]; steps: number }[]): Promise<void> => {
            for (const life of lives) {
              let stepsLeft = life.steps;
              await runWriter(history, model, life.advances, async () => {
                await tick();
                stepsLeft -= 1;
                if (stepsLeft < 0) throw new Killed();
              });
            }
          };
          const disturb = async (): Promise<void> => {
            for (const disturbance of disturbances) {
              for (let wait = 0; wait < 7; wait += 1) await tick();
              if (disturbance === 'bucket') model.replaceBucket();
              else model.removeTombstones();
            }
          };
          await scheduler.waitFor(Promise.all([...processes.map(runProcess), disturb()]));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('bring the watermark to the newest event once one writer is left alone', async () => {
    await fc.assert(
      fc.asyncProperty(histories, advances, async (history, some) => {
        const model = new ModelBucket(history);
        const now = (): Promise<void> => Promise.resolve();
        await runWriter(history, model, some, now);
        await runWriter(history, model, [history.length], now);
        expect(model.watermark).toBe(history.length);
      }),
    );
  });
});
