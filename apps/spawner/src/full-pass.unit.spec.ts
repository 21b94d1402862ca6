// The timed pass: whom it wakes, and what counts as a repair.
import { manualClock } from '@pods/service/testing';
import { describe, expect, it } from 'vitest';
import type { FullPass } from './full-pass.ts';
import { startFullPass } from './full-pass.ts';

interface Bench {
  readonly full: FullPass;
  readonly woken: string[];
  readonly repaired: string[];
  readonly tick: () => void;
}

function bench(keys: readonly string[]): Bench {
  const clock = manualClock();
  const woken: string[] = [];
  const repaired: string[] = [];
  const full = startFullPass({
    clock,
    everyMs: 1000,
    keys: () => keys,
    wake: (key) => woken.push(key),
    onRepair: (key) => repaired.push(key),
  });
  return { full, woken, repaired, tick: () => clock.advance(1000) };
}

describe('the full pass', () => {
  it('wakes every key once, again and again, until it is stopped', () => {
    const { full, woken, tick } = bench(['a', 'b', 'a']);
    expect(woken).toEqual([]);
    tick();
    expect(woken).toEqual(['a', 'b']);
    tick();
    expect(woken).toHaveLength(4);
    full.stop();
    tick();
    expect(woken).toHaveLength(4);
  });

  it('counts a repair when it alone woke a key that had something to do', () => {
    const { full, repaired, tick } = bench(['a', 'b']);
    tick();
    full.passed('a', { acted: true, nextInMs: undefined });
    full.passed('b', { acted: false, nextInMs: undefined });
    expect(repaired).toEqual(['a']);
    full.passed('a', { acted: true, nextInMs: undefined });
    expect(repaired).toEqual(['a']);
  });

  it('counts none when something else had woken the key too', () => {
    const { full, repaired, tick } = bench(['a']);
    tick();
    full.woken('a');
    full.passed('a', { acted: true, nextInMs: undefined });
    expect(repaired).toEqual([]);
  });

  it('leaves keys alone that wait for a time of their own', () => {
    const { full, woken, tick } = bench(['a']);
    full.passed('a', { acted: false, nextInMs: 5000 });
    tick();
    expect(woken).toEqual([]);
    full.passed('a', { acted: true, nextInMs: undefined });
    tick();
    expect(woken).toEqual(['a']);
  });
});
