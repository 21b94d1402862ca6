// Outcomes as HTTP responses. The content type of JSON is exactly `application/json` (clients.md section 1, rule 1).
import { failure, success } from '@pods/contracts';
import type { ApiSettings } from '../deps.ts';
import { renderRefusal } from '../errors/refusal-table.ts';
import type { ApiRefusal } from '../errors/refusal.ts';
import type { Outcome, Reply } from './endpoint.ts';

/** Renders whatever an endpoint or the guard came to. */
export function renderOutcome(outcome: Outcome, settings: ApiSettings): Response {
  switch (outcome.kind) {
    case 'raw':
      return outcome.response;
    case 'refused':
      return refusalResponse(outcome.refusal, settings);
    case 'reply':
      return replyResponse(outcome, settings);
  }
}

/** A JSON document as it stands. */
export function jsonResponse(
  document: unknown,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  // Some GET requests change something: no cache may answer for us.
  const common = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return new Response(JSON.stringify(document), { status, headers: { ...headers, ...common } });
}

function replyResponse(reply: Reply, settings: ApiSettings): Response {
  const envelope = success(settings.version, reply.message, reply.result, reply.metadata);
  const etag = reply.version === undefined ? {} : { ETag: `"${reply.version}"` };
  return jsonResponse(reply.softError === true ? { ...envelope, status: 'error' } : envelope, 200, etag);
}

function refusalResponse(refusal: ApiRefusal, settings: ApiSettings): Response {
  const { status, message, headers } = renderRefusal(refusal, settings.errorCodes);
  return jsonResponse(failure(settings.version, message), status, headers);
}
