// Taking secrets out of what is about to be logged: by the names under which they usually stand. A safety net; what is known
// to be a secret is wrapped in Redacted. Asked once per line, so that a line of plain values costs next to nothing.

/** What stands in the place of a secret. */
const censored = '[redacted]';

/** In lower case: headers are written in any. */
const secretNames: ReadonlySet<string> = new Set([
  'token',
  'accesstoken',
  'refreshtoken',
  'password',
  'secret',
  'seed',
  'cookie',
  'set-cookie',
  'authorization',
  'x-tapis-token',
]);

/** Levels that are looked into; what lies deeper is not logged. */
const depthMax = 5;

/**
 * The value as it may be logged: a copy without secrets when it holds objects, itself otherwise.
 * @param errorFields says what is logged of an error, which may carry anything.
 */
export function withoutSecrets(value: unknown, errorFields: (error: Error) => unknown, depth = depthMax): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorFields(value);
  if (depth === 0) return '[deeper]';
  if (hasJson(value)) return withoutSecrets(value.toJSON(), errorFields, depth - 1);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item) => withoutSecrets(item, errorFields, depth - 1));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      secretNames.has(name.toLowerCase()) ? censored : withoutSecrets(part, errorFields, depth - 1),
    ]),
  );
}

/** Whether any of these fields could hold a secret: an object, or a value under a secret's name. */
export function mayHoldSecrets(fields: object): boolean {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'object' && value !== null) return true;
    if (value !== undefined && secretNames.has(name.toLowerCase())) return true;
  }
  return false;
}

function hasJson(value: object): value is { readonly toJSON: () => unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
