// Everything that is refused on purpose: one table from code to HTTP status and message for people.
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Status and message of each refusal. The authenticator answers 400 also for bad credentials (clients.md section 6). */
export const refusals = {
  'bad-request': { status: 400, message: 'The request is not valid.' },
  'bad-body': { status: 400, message: 'The body must be a JSON object or a form.' },
  'body-too-large': { status: 413, message: 'The body is larger than 64 KiB.' },
  'bad-credentials': { status: 400, message: 'Invalid username/password combination.' },
  'bad-client': { status: 400, message: 'Invalid client credentials: no active client has this id and key.' },
  'client-required': {
    status: 400,
    message: 'This grant type needs the client_id and client_key, as HTTP Basic or in the body.',
  },
  'unknown-grant': {
    status: 400,
    message: 'Unknown grant_type; known are password, authorization_code, refresh_token and device_code.',
  },
  'bad-code': {
    status: 400,
    message: 'The code is not valid: it was used, has expired, or was made for another client.',
  },
  'bad-redirect-uri': { status: 400, message: "The redirect_uri is not exactly the client's callback_url." },
  'bad-refresh-token': {
    status: 400,
    message: 'The refresh token is not valid: it has expired, was revoked, or was made for another client.',
  },
  'authorization-pending': { status: 400, message: 'authorization_pending: the user has not approved the device yet.' },
  'grant-not-allowed': { status: 400, message: 'The client may not use this response_type.' },
  'no-token': { status: 401, message: 'Log in first: the header X-Tapis-Token is missing.' },
  'bad-token': { status: 401, message: 'The token is not valid: it has expired, was revoked, or is not one of ours.' },
  'wrong-tenant': { status: 403, message: 'The token belongs to another tenant than this address.' },
  'not-yours': { status: 403, message: 'Only its owner may see or change this client.' },
  'fixed-client': { status: 400, message: 'This client comes from the identity file; change it there.' },
  'duplicate-client': { status: 400, message: 'A client with this client_id exists already.' },
  'unknown-tenant': { status: 404, message: 'There is no such tenant.' },
  'unknown-site': { status: 404, message: 'There is no such site.' },
  'unknown-user': { status: 404, message: 'There is no such user in this tenant.' },
  'unknown-client': { status: 404, message: 'There is no such client.' },
  'unknown-route': { status: 404, message: 'There is no such endpoint.' },
  'forged-form': {
    status: 403,
    message: 'The form is too old or did not come from this page. Go back, reload, try again.',
  },
  'unknown-user-code': { status: 400, message: 'No device waits for this code. Codes are valid for ten minutes.' },
} as const satisfies Record<string, { readonly status: ContentfulStatusCode; readonly message: string }>;

export type RefusalCode = keyof typeof refusals;

/** An expected refusal, returned as a value. `detail` adds to the message: no secrets. */
export interface Refusal {
  readonly refused: RefusalCode;
  readonly detail?: string;
}

export function refuse(refused: RefusalCode, detail?: string): Refusal {
  return detail === undefined ? { refused } : { refused, detail };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}
