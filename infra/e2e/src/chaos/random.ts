// Random choices that a seed repeats. Streams of one seed are independent, so that one that draws more, because things
// went faster, does not change what the others draw.
import { createHash } from 'node:crypto';

export interface Random {
  /** A fraction from 0 to below 1. */
  readonly fraction: () => number;
  /** From `from` to below `to`. */
  readonly between: (from: number, to: number) => number;
  /** One of them; a choice that stands there twice is twice as likely. */
  readonly pick: <T>(choices: readonly [T, ...(readonly T[])]) => T;
}

/** The stream `name` of a seed. */
export function randomOf(seed: string, name: string): Random {
  let state = createHash('sha256').update(`${seed}/${name}`).digest().readUInt32LE(0);
  // Mulberry32 (Tommy Ettinger, public domain): small, and good enough to choose by.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    between: (from, to) => from + fraction() * (to - from),
    pick: (choices) => choices[Math.floor(fraction() * choices.length)] ?? choices[0],
  };
}
