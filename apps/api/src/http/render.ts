// Outcomes as HTTP responses. The content type of JSON is exactly `application/json` (clients.md section 1, rule 1).
import { failure, success } from '@pods/contracts';
import type { ApiSettings } from '../deps.ts';
import { renderRefusal } from '../errors/refusal-table.ts';
import type { ApiRefusal } from '../errors/refusal.ts';
import type { Outcome, Reply } from './endpoint.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * Renders whatever an endpoint or the guard came to, with these headers besides. Complete at once: a header that is added
 * to a response later costs as much as the response.
 */
export function renderOutcome(outcome: Outcome, settings: ApiSettings, headers: Headers): Response {
  switch (outcome.kind) {
    case 'raw':
      for (const [name, value] of Object.entries(headers)) outcome.response.headers.set(name, value);
      return outcome.response;
    case 'refused':
      return refusalResponse(outcome.refusal, settings, headers);
    case 'reply':
      return replyResponse(outcome, settings, headers);
  }
}

/** A JSON document as it stands. */
export function jsonResponse(document: unknown, status: number, headers: Headers = {}): Response {
  // Some GET requests change something: no cache may answer for us.
  const common = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return new Response(JSON.stringify(document), { status, headers: { ...headers, ...common } });
}

function replyResponse(reply: Reply, settings: ApiSettings, headers: Headers): Response {
  const envelope = success(settings.version, reply.message, reply.result, reply.metadata);
  const etag = reply.version === undefined ? {} : { ETag: `"${reply.version}"` };
  return jsonResponse(reply.softError === true ? { ...envelope, status: 'error' } : envelope, 200, {
    ...headers,
    ...etag,
  });
}

function refusalResponse(refusal: ApiRefusal, settings: ApiSettings, common: Headers): Response {
  const { status, message, headers } = renderRefusal(refusal, settings.errorCodes);
  return jsonResponse(failure(settings.version, message), status, { ...common, ...headers });
}
