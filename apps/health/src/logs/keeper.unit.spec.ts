// The memory of all rings together: bounded, whoever writes how much.
import type { LogFollowerHooks } from '@pods/kube';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogKeeper } from './keeper.ts';

const kib = 1024;
const of = { incarnation: 1, run: 1 };
const targetOf = (pod: string) => ({ ...of, podUid: `uid-${pod}`, podName: pod, container: 'main' });

function world(memoryBytesMax: number) {
  const hooks = new Map<string, LogFollowerHooks>();
  let cutBytes = 0;
  const keeper = createLogKeeper({
    ringBytesMax: 10 * 1024 * kib,
    memoryBytesMax,
    startFollowing: ({ pod }, its) => {
      hooks.set(pod, its);
      return { caughtUp: Promise.resolve(), finish: async () => 'complete', stop: async () => undefined };
    },
    onTrouble: () => undefined,
    onCut: (bytes) => {
      cutBytes += bytes;
    },
  });
  const write = (pod: string, line: string): void => {
    keeper.follow(pod, targetOf(pod));
    hooks.get(pod)?.onLine({ at: '', text: new TextEncoder().encode(line) });
  };
  const textOf = (pod: string): string => Buffer.concat(keeper.held(pod, of)?.pieces ?? []).toString();
  return { keeper, write, textOf, hooks, cut: () => cutBytes };
}

/** Writes numbered lines of a kibibyte. */
function writeLines(write: (pod: string, line: string) => void, pod: string, count: number): void {
  for (let line = 1; line <= count; line += 1) write(pod, `${line} ${'x'.repeat(kib - 10)}`);
}

describe('the memory for the output of all containers', () => {
  test('is never exceeded, whatever is written by whom', () => {
    const writes = fc.array(
      fc.record({ pod: fc.integer({ min: 1, max: 20 }), bytes: fc.integer({ min: 0, max: 100 * kib }) }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(writes, fc.integer({ min: kib, max: 500 * kib }), (all, limit) => {
        const { keeper, write } = world(limit);
        for (const { pod, bytes } of all) {
          write(`pod${pod}`, 'x'.repeat(bytes));
          const { memoryBytes, bytes: held } = keeper.size();
          expect(memoryBytes).toBeLessThanOrEqual(limit);
          expect(held).toBeLessThanOrEqual(memoryBytes);
        }
        for (let pod = 1; pod <= 20; pod += 1) keeper.drop(`pod${pod}`);
        expect(keeper.size()).toEqual({ containers: 0, bytes: 0, memoryBytes: 0 });
      }),
      { numRuns: 50 },
    );
  });

  test('is taken from the largest logs, and the small ones stay whole', () => {
    const { write, textOf, keeper } = world(1000 * kib);
    writeLines(write, 'quiet', 10);
    writeLines(write, 'loud', 3000);
    writeLines(write, 'louder', 3000);
    expect(textOf('quiet')).toMatch(/^1 x/);
    expect(textOf('quiet').split('\n')).toHaveLength(11);
    const sizes = ['loud', 'louder'].map((pod) => keeper.held(pod, of)?.sizeBytes ?? 0);
    expect(Math.min(...sizes)).toBeGreaterThan(300 * kib);
  });

  test('cuts a log at its beginning, at a whole line, and the log says so', () => {
    const { write, textOf, cut } = world(200 * kib);
    writeLines(write, 'loud', 1000);
    const [notice = '', first = '', ...rest] = textOf('loud').trimEnd().split('\n');
    expect(notice).toBe(
      `[pods: ${cut()} bytes of older output were dropped, because the memory for the output of all pods was full]`,
    );
    const number = Number(first.split(' ')[0]);
    expect(number).toBeGreaterThan(1);
    expect(rest).toHaveLength(1000 - number);
    expect(rest.at(-1)).toMatch(/^1000 x/);
  });

  test('does not count what a container that is let go of still brings', () => {
    const { write, keeper, hooks } = world(200 * kib);
    write('one', 'hello');
    const late = hooks.get('one');
    keeper.drop('one');
    late?.onLine({ at: '', text: new Uint8Array(100 * kib) });
    expect(keeper.size().memoryBytes).toBe(0);
  });
});
