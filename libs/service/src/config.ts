// Turns an environment-like record into a frozen, typed configuration. It reads no environment: main.ts hands it in.
import type { z } from 'zod';

/** The settings of a process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One or more settings are unusable; the message names every one, its rule and the kind of its value, never the value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'bad_configuration';
  readonly retryable = false;
}

/**
 * Parses all settings at once. An empty setting counts as not set.
 * @throws ConfigError listing every bad setting.
 */
export function loadConfig<Schema extends z.ZodType>(schema: Schema, env: Environment): Readonly<z.output<Schema>> {
  const settings = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(settings);
  if (!parsed.success) throw new ConfigError(describe(parsed.error.issues, settings));
  deepFreeze(parsed.data);
  return parsed.data;
}

type Issue = z.core.$ZodIssue;

function describe(issues: readonly Issue[], settings: Readonly<Record<string, unknown>>): string {
  const lines = issues.map((issue) => {
    const [variable] = issue.path;
    const name = issue.path.length === 0 ? 'settings together' : issue.path.map(String).join('.');
    const kind = issue.path.length === 0 ? '' : ` (${kindOf(settings[String(variable)])})`;
    return `  ${name}: ${ruleOf(issue)}${kind}`;
  });
  return `bad configuration, fix these environment variables:\n${[...new Set(lines)].join('\n')}`;
}

function ruleOf(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return `unknown: ${issue.keys.join(', ')}`;
  return issue.message;
}

/** What may be said about a value that may be a secret. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'it is not set';
  const text = typeof value === 'string' ? value : '';
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return 'it is a number';
  if (/^[[{]/.test(text)) return 'it looks like JSON';
  return 'it is text';
}

function deepFreeze(value: unknown): void {
  if (Array.isArray(value)) value.forEach(deepFreeze);
  else if (isPlainObject(value)) Object.values(value).forEach(deepFreeze);
  else return;
  Object.freeze(value);
}

// Instances (Redacted, URL, Map) look after themselves: freezing a foreign class can break it.
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
