// `time_to_stop_default` and `time_to_stop_instance`: seconds, -1 for never (pods-api.md 4.2).
import type { Problem } from '../problem.ts';
import { valueError } from '../problem.ts';

export const timeToStopDefaultSeconds = 43_200;

const secondsMin = 300;
/** Ten years: beyond, instants would leave what dates can hold. */
const secondsMax = 315_360_000;

/** Rules for both fields; null is "not set". */
export function timeToStopProblems(
  field: 'time_to_stop_default' | 'time_to_stop_instance',
  seconds: number | null,
): readonly Problem[] {
  if (seconds === null || seconds === -1 || (seconds >= secondsMin && seconds <= secondsMax)) return [];
  return [valueError([field], `must be -1 for never, or from ${secondsMin} to ${secondsMax} seconds (got ${seconds})`)];
}
