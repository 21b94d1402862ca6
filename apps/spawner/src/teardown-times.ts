// When this process first saw that a run is to go. Memory only: the log says when it really began, and this bounds the
// wait for the logs should the clocks of the log and of this process differ.

export type TeardownTimes = (key: string, run: number) => number;

/** Far more than run out at once; what is forgotten waits anew. */
const rememberedMax = 10_000;

/** Remembers one time per pod, of its newest run in teardown. */
export function createTeardownTimes(now: () => number): TeardownTimes {
  const seen = new Map<string, { readonly run: number; readonly at: number }>();
  return (key, run) => {
    const known = seen.get(key);
    if (known?.run === run) return known.at;
    const at = now();
    // Put at the end, so that the first is the oldest.
    seen.delete(key);
    seen.set(key, { run, at });
    const [oldest] = seen.keys();
    if (seen.size > rememberedMax && oldest !== undefined) seen.delete(oldest);
    return at;
  };
}
