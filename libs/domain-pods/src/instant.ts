// Instants as text and as milliseconds. `Date` serves as parser and formatter only: nothing here reads a clock.

/** Milliseconds since 1970 of an ISO 8601 instant; NaN for anything else. */
export function toMillis(instant: string): number {
  return new Date(instant).getTime();
}

/** ISO 8601 in UTC with milliseconds. */
export function toInstant(millis: number): string {
  return new Date(millis).toISOString();
}

/** As {@link toInstant} writes it; what the log says of its events mostly is. Parsing costs more than asking. */
const inMillis = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** `2024-02-13T20:58:31.358000`: UTC without an offset, six digits, as the wire has it (pods-api.md 1.3). */
export function toWireTimestamp(instant: string): string {
  if (inMillis.test(instant)) return `${instant.slice(0, -1)}000`;
  return `${toInstant(toMillis(instant)).slice(0, -1)}000`;
}

/** `24/02/13 20:58`: the stamp of an action-log line, UTC (pods-api.md 3.8). */
export function toLogStamp(instant: string): string {
  const text = toInstant(toMillis(instant));
  return `${text.slice(2, 4)}/${text.slice(5, 7)}/${text.slice(8, 10)} ${text.slice(11, 16)}`;
}
