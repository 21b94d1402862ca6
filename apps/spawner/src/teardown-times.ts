// When this process first saw that a run is to go. Memory only: a restart begins the wait for the logs anew, which
// bounds it all the same.

export type TeardownTimes = (key: string, run: number) => number;

/** Remembers one time per pod, of its newest run in teardown. */
export function createTeardownTimes(now: () => number): TeardownTimes {
  const seen = new Map<string, { readonly run: number; readonly at: number }>();
  return (key, run) => {
    const known = seen.get(key);
    if (known?.run === run) return known.at;
    const at = now();
    seen.set(key, { run, at });
    return at;
  };
}
