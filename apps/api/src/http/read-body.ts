// Reading a JSON body: bounded, and with the documented messages for what is no JSON object (pods-api.md 1.4).
import type { ApiRefusal } from '../errors/refusal.ts';
import { kindOf, problemLines } from '../requests/problem.ts';
import { unusableParts } from '../requests/unusable-parts.ts';

/** Bytes of a request body. */
const bodyBytesMax = 1024 * 1024;

export type Body = { readonly ok: true; readonly value: object } | { readonly ok: false; readonly refusal: ApiRefusal };

const invalid = (line: string): Body => ({ ok: false, refusal: { code: 'InvalidRequest', lines: [line] } });
const tooLarge: Body = { ok: false, refusal: { code: 'BodyTooLarge', bytesMax: bodyBytesMax } };

/** Reads the body of a request to a route that takes a JSON object. */
export async function readJsonObject(request: Request): Promise<Body> {
  const declared = request.headers.get('content-length');
  if (Number(declared ?? 0) > bodyBytesMax) return tooLarge;
  // A body never has more bytes than were declared, and reading all of it at once spares making a stream of it.
  const bytes = declared === null ? await readBytes(request) : new Uint8Array(await request.arrayBuffer());
  if (bytes === undefined) return tooLarge;
  if (bytes.length === 0) return invalid('body: Field required (send a JSON object)');
  if (!isJson(request.headers.get('content-type'))) {
    return invalid('body: the body must be sent with the header Content-Type: application/json');
  }
  return parseObject(bytes);
}

function isJson(contentType: string | null): boolean {
  const [type = ''] = (contentType ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json';
}

async function readBytes(request: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = request.body;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseObject(bytes: Uint8Array): Body {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return invalid('body: JSON decode error, the body is not valid JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid(`body: expected a JSON object (got ${kindOf(value)})`);
  }
  const problems = unusableParts(value, 'body');
  if (problems.length === 0) return { ok: true, value };
  return { ok: false, refusal: { code: 'InvalidRequest', lines: problemLines(problems) } };
}
