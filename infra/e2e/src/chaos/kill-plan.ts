// Which process is killed when. Does not kill.
import type { Random } from './random.ts';

export const apps = ['api', 'spawner', 'health', 'auth-forward'] as const;
export type App = (typeof apps)[number];
export const copies = ['first', 'second'] as const;
export type Copy = (typeof copies)[number];

export interface PlannedKill {
  /** Milliseconds from the start of the storm. */
  readonly atMs: number;
  readonly app: App;
  /** Both: for a moment there is none of this app. */
  readonly copies: readonly Copy[];
}

/** Kills of every app at random moments of `overMs`, in order; each app loses at least `each` processes. */
export function planKills(random: Random, { each, overMs }: { each: number; overMs: number }): readonly PlannedKill[] {
  const ofApp = (app: App): readonly PlannedKill[] => {
    const planned: PlannedKill[] = [];
    for (let killed = 0; killed < each; killed += planned.at(-1)?.copies.length ?? 0) {
      const whom = random.pick<readonly Copy[]>([['first'], ['second'], copies]);
      planned.push({ atMs: random.between(0, overMs), app, copies: whom });
    }
    return planned;
  };
  return apps.flatMap(ofApp).toSorted((one, other) => one.atMs - other.atMs);
}
