// The id of a command: taken from `Idempotency-Key` when there is one, so that the same request sent again is
// recognised, and unlike any other otherwise.
import { createHash } from 'node:crypto';
import type { CommandContext } from '@pods/domain-pods';
import { valueError } from '../requests/problem.ts';
import type { Parsed } from '../requests/problem.ts';

export interface CommandSource {
  readonly tenant: string;
  readonly user: string;
  /** Method and template. */
  readonly route: string;
  readonly podId: string;
  readonly body: object;
  readonly idempotencyKey: string | undefined;
  readonly newId: () => string;
}

/** The context of a command; a key that cannot be one is a problem of the request. */
export function commandContext(source: CommandSource): Parsed<CommandContext> {
  const { tenant, user, route, podId, body, idempotencyKey: key, newId } = source;
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    const rule = 'must be 1 to 255 printable ASCII characters without spaces';
    return { ok: false, problems: [valueError(['header', 'Idempotency-Key'], rule)] };
  }
  const commandId = key === undefined ? newId() : sha256(canonicalJson([tenant, user, route, podId, key]));
  const commandHash = sha256(canonicalJson([route, podId, body]));
  return { ok: true, value: { commandId, commandHash, actor: user } };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with the keys of objects in order: the same content is the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
