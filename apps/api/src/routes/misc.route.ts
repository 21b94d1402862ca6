// Routes that concern no object: the health check of clients, the text of the proxy's error pages, and operations
// that the documentation names and this installation does not offer.
import type { Endpoint } from '../http/endpoint.ts';
import { refused } from '../http/endpoint.ts';
import { jsonResponse } from '../http/render.ts';

export const healthcheck = {
  access: 'public',
  handle: () => ({ kind: 'reply', message: 'The request was successful', result: "I promise I'm healthy." }),
} satisfies Endpoint;

/** `GET /error-handler/{status}`: the envelope under that status (pods-api.md section 10, runtime.md 10). */
export const errorHandler = {
  access: 'public',
  handle: (request, deps) => {
    const status = /^[45]\d\d$/.test(request.params['status'] ?? '') ? Number(request.params['status']) : 404;
    const envelope = {
      message: 'The request could not be processed.',
      metadata: {},
      result: errorText(status),
      status: 'error',
      version: deps.settings.version,
    };
    return { kind: 'raw', response: jsonResponse(envelope, status) };
  },
} satisfies Endpoint;

function errorText(status: number): string {
  if ([400, 401, 402, 403, 405].includes(status)) return 'The request was refused. Check token, path and method.';
  if (status === 404) return 'There is nothing at this address.';
  if ([500, 501, 503, 504].includes(status)) return 'The Pods service cannot answer now. Try again in a moment.';
  if (status === 502) return 'The Pods service did not answer in time. Try again in a moment.';
  return 'Something went wrong on the way to the Pods service.';
}

/** Answers 501 with the reason. */
export function notOffered(what: string) {
  return { access: 'caller', handle: () => refused({ code: 'NotOffered', what }) } satisfies Endpoint;
}
