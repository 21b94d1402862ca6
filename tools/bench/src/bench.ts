// What a bench is and what it gives back. How measures are shown is report.ts's business.
import type { Guard, PlatformInfo } from '@pods/testing/servers';

/** What benches of both kinds are given. */
export interface BenchContext {
  /** A folder that is removed afterwards, and processes that never outlive the run. */
  readonly guard: Guard;
  /** Tells people what is going on now. */
  readonly progress: (text: string) => void;
}

interface Described {
  /** The letter by which the requirements and `--only` know it. */
  readonly letter: string;
  readonly title: string;
}

/** Measures the whole platform, which runs already. */
export interface PlatformBench extends Described {
  readonly needs: 'platform';
  readonly run: (context: BenchContext, platform: PlatformInfo) => Promise<readonly Measure[]>;
}

/** Starts the servers it needs itself, while no platform of this run is up. */
export interface ServersBench extends Described {
  readonly needs: 'servers';
  readonly run: (context: BenchContext) => Promise<readonly Measure[]>;
}

export type Bench = PlatformBench | ServersBench;

/** `x` is a ratio. */
export type Unit = 'ms' | 's' | 'bytes' | '/s' | 'x';

export interface Aim {
  /** What is aimed at, for people: `p50 at most 60 ms`. */
  readonly text: string;
  readonly met: boolean;
}

/** One line of the table. */
export interface Measure {
  readonly name: string;
  readonly unit: Unit;
  /** How many samples p50 and p95 are of. */
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  /** What this is a multiple of: the measure of the same run that it is compared with, by p50 unless `of` says so. */
  readonly ratio?: { readonly of: string; readonly value: number };
  /** Left out where a measure is for comparison or information only. */
  readonly aim?: Aim;
}
