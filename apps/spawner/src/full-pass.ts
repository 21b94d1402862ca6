// A timed pass over everything, which repairs what wake-ups missed. What it finds to do is counted: a healthy system
// counts nothing.
import type { Clock } from '@pods/service';

export interface FullPass {
  /** A key was woken by something that happened: what its next pass does is no repair. */
  readonly woken: (key: string) => void;
  /** A pass has ended; `nextInMs` is undefined when none is planned. */
  readonly passed: (key: string, pass: { readonly acted: boolean; readonly nextInMs: number | undefined }) => void;
  readonly stop: () => void;
}

export interface FullPassOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly keys: () => Iterable<string>;
  readonly wake: (key: string) => void;
  /** Told of each pass that found something to do without having been woken by anything else. */
  readonly onRepair: (key: string) => void;
}

/** Starts the timer. */
export function startFullPass({ clock, everyMs, keys, wake, onRepair }: FullPassOptions): FullPass {
  /** Woken by this timer and by nothing else. */
  const suspects = new Set<string>();
  /** Waiting for a time of their own: not missed by anybody. */
  const planned = new Set<string>();
  const runAll = (): void => {
    for (const key of new Set(keys())) {
      if (planned.has(key)) continue;
      suspects.add(key);
      wake(key);
    }
    cancel = clock.setTimer(everyMs, runAll);
  };
  let cancel = clock.setTimer(everyMs, runAll);
  return {
    woken: (key) => suspects.delete(key),
    passed: (key, { acted, nextInMs }) => {
      if (nextInMs === undefined) planned.delete(key);
      else planned.add(key);
      if (suspects.delete(key) && acted) onRepair(key);
    },
    stop: () => {
      cancel();
    },
  };
}
