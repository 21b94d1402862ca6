// Zod schemas of single settings, and the groups of settings that several apps share. Which app has which is its config.ts.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Redacted } from './redacted.ts';

/** A TCP port; 0 lets the system choose a free one. */
export function portSchema(): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port from 0 to 65535');
}

/**
 * An absolute URL of one of the given schemes (without colon), returned without a trailing slash. A user or password in
 * it is refused, because URLs end up in logs: such a URL belongs in a file (see {@link fileSecret}).
 */
export function urlSchema(schemes: readonly string[] = ['http', 'https']): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const refuse = (message: string): never => {
      context.issues.push({ code: 'custom', message, input: undefined });
      return z.NEVER;
    };
    if (!URL.canParse(text)) return refuse('must be a URL such as http://127.0.0.1:8000');
    const url = new URL(text);
    if (!schemes.includes(url.protocol.slice(0, -1)))
      return refuse(`must be a URL that starts with ${schemes.join(' or ')}`);
    if (url.username !== '' || url.password !== '')
      return refuse('must not hold a user or password: put those in a file');
    return text.replace(/\/+$/, '');
  });
}

/** The path of a file that holds a secret; gives the file's content without surrounding white space, redacted. */
export function fileSecret(): z.ZodType<Redacted<string>, string> {
  return z.string().transform((path, context) => {
    const content = readText(path);
    if (content.text !== undefined) return new Redacted(content.text);
    context.issues.push({ code: 'custom', message: content.problem, input: undefined });
    return z.NEVER;
  });
}

type Content = { readonly text: string } | { readonly text?: undefined; readonly problem: string };

function readText(path: string): Content {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return text === '' ? { problem: 'must name a file that is not empty' } : { text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { problem: `must name a readable file; reading it failed with ${code}` };
  }
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** A duration such as `500ms`, `30s`, `5m`, `12h`, `7d`, in milliseconds, within the given limits (inclusive). */
export function durationMs(
  limits: { readonly minMs?: number; readonly maxMs?: number } = {},
): z.ZodType<number, string> {
  const { minMs = 0, maxMs = Number.MAX_SAFE_INTEGER } = limits;
  return z
    .string()
    .regex(/^\d{1,12}(ms|s|m|h|d)$/, 'must be a duration such as 500ms, 30s, 5m, 12h or 7d')
    .transform((text) => Number.parseInt(text, 10) * (unitMs.get(text.replace(/^\d+/, '')) ?? Number.NaN))
    .refine((ms) => ms >= minMs && ms <= maxMs, `must be a duration from ${minMs} ms to ${maxMs} ms`);
}

/** Settings of every app. */
export const commonSettings = {
  PODS_SITE: z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be lower-case letters, digits and dashes, at most 32'),
  PODS_PREFIX: z
    .string()
    .regex(/^[a-z0-9]*$/, 'must be lower-case letters and digits')
    .default(''),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  OPS_HOST: z.string().default('127.0.0.1'),
  OPS_PORT: portSchema(),
};

/** Settings of every app that talks to NATS. */
export const natsSettings = {
  NATS_URL: urlSchema(['nats', 'tls']),
  NATS_NKEY_SEED_FILE: fileSecret().optional(),
};

/** Settings of every app with a main HTTP listener. */
export const httpSettings = {
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: portSchema(),
};
