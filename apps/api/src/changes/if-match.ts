// `If-Match`: the version that a caller has seen. One strong entity tag as the API gives it, or `*`.
import type { Parsed } from '../requests/problem.ts';
import { valueError } from '../requests/problem.ts';

/** The version named by the header; undefined for none and for `*`. */
export function parseIfMatch(header: string | undefined): Parsed<number | undefined> {
  // An empty header is no wish to go without: more likely a variable of the caller that is not set.
  const text = header?.trim();
  if (text === undefined || text === '*') return { ok: true, value: undefined };
  const version = /^"([1-9]\d{0,14})"$/.exec(text)?.[1];
  if (version !== undefined) return { ok: true, value: Number(version) };
  return {
    ok: false,
    problems: [valueError(['header', 'If-Match'], 'must be one ETag of this pod, such as "3", or *')],
  };
}
