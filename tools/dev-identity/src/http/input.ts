// Reads what a request carries: JSON or form bodies, HTTP Basic, queries. Parsing only.
import type { Context } from 'hono';
import { z } from 'zod';
import type { ClientCredentials } from '../grants/grant-token.ts';
import { refuse, type Refusal } from '../refusals.ts';

const bodyBytesMax = 65_536;
const formType = 'application/x-www-form-urlencoded';

/** The body as the schema wants it. JSON unless it says that it is a form; nothing at all counts as `{}`. */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<{ readonly body: z.output<Schema> } | Refusal> {
  if (Number(c.req.header('content-length') ?? 0) > bodyBytesMax) return refuse('body-too-large');
  const text = await readText(c.req.raw.body);
  if (text === undefined) return refuse('body-too-large');
  const value = parseText(text, c.req.header('content-type') ?? '');
  return value === undefined ? refuse('bad-body') : checked(value, schema);
}

/** A value as the schema wants it, or a refusal naming each field that is wrong. */
export function checked<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
): { readonly body: z.output<Schema> } | Refusal {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { body: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.code === 'invalid_union' && issue.path[0] === 'grant_type') return refuse('unknown-grant');
  const lines = parsed.error.issues.map(({ path, message }) =>
    [path.map(String).join('.'), message].filter(Boolean).join(': '),
  );
  return refuse('bad-request', lines.join('; '));
}

async function readText(body: ReadableStream<Uint8Array> | null): Promise<string | undefined> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseText(text: string, contentType: string): unknown {
  // curl calls everything a form that it was not told about, and no form begins with a brace.
  const isForm = contentType.toLowerCase().startsWith(formType) && !text.trimStart().startsWith('{');
  if (isForm) return Object.fromEntries(new URLSearchParams(text));
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** User and password of `Authorization: Basic`, if there is one. */
export function basicCredentials(c: Context): ClientCredentials | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { id: decoded.slice(0, colon), key: decoded.slice(colon + 1) };
}

const count = z.coerce.number().int().min(0).catch(0);

/** `limit` and `offset` of a list; no limit when it is absent, 0 or -1. Anything unreadable counts as absent. */
export function page<Item>(c: Context, items: readonly Item[]): readonly Item[] {
  const offset = count.parse(c.req.query('offset') ?? 0);
  const limit = count.parse(c.req.query('limit') ?? 0);
  return items.slice(offset, limit === 0 ? undefined : offset + limit);
}
