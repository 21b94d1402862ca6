// One row for each refusal: HTTP status, the status for clients of the older service (decisions.md, pods 1.4), text.
// Texts say what to do next and hold no secrets.
import type { TokenFault } from '@pods/identity';
import type { ApiRefusal, RefusalCode, RefusalOf } from './refusal.ts';

/** Which HTTP status codes the installation answers with. */
export type ErrorCodes = 'standard' | 'older';

interface Row<Code extends RefusalCode> {
  readonly status: RefusalStatus;
  /** With `error_codes: older`, where it differs. */
  readonly older?: RefusalStatus;
  readonly message: (refusal: RefusalOf<Code>) => string | readonly string[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number;
}

export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 500 | 501 | 503 | 507;

const faultTexts: Readonly<Record<TokenFault, string>> = {
  unparsable: 'it is no JWT',
  'wrong-algorithm': 'it is not signed with RS256',
  'no-tenant': "it has no claim 'tapis/tenant_id'",
  'unknown-tenant': 'its tenant is unknown here',
  'bad-signature': 'its signature does not match the key of its tenant',
  expired: 'it has expired; get a new one',
  'not-yet-valid': 'it is not valid yet',
  'has-audience': 'it was made for another audience; use an access token of the tenant',
  'not-an-access-token': 'it is no access token',
  'no-username': 'it names no user, or one whose name cannot be used here',
  'bad-claims': 'its claims are incomplete',
};

const table: { readonly [Code in RefusalCode]: Row<Code> } = {
  InvalidRequest: { status: 400, message: ({ lines }) => lines },
  BodyTooLarge: { status: 413, message: ({ bytesMax }) => `The request body is larger than ${bytesMax} bytes.` },
  DefinitionTooLarge: {
    status: 413,
    message: ({ bytesMax }) =>
      `The definition of this pod is larger than ${bytesMax} bytes. Shorten command, arguments or environment_variables.`,
  },
  TokenMissing: {
    status: 401,
    older: 400,
    message: () => 'No token: send a Tapis access token in the header X-Tapis-Token.',
  },
  TokenInvalid: {
    status: 401,
    older: 400,
    message: ({ fault }) => `Invalid Tapis token: ${faultTexts[fault]}.`,
  },
  TenantMismatch: {
    status: 401,
    older: 400,
    message: ({ tokenTenant, requestTenant }) =>
      `The token is for tenant '${tokenTenant}' but the request is for tenant '${requestTenant}'. Use the base URL of your tenant.`,
  },
  UnknownHost: {
    status: 400,
    message: ({ host }) => `'${host}' is the host of no tenant that is served here. Use the base URL of your tenant.`,
  },
  OnBehalfOfRefused: {
    status: 403,
    older: 400,
    message: () => 'X-Tapis-Tenant and X-Tapis-User are for service tokens only. Leave them out.',
  },
  OnBehalfOfIncomplete: {
    status: 400,
    message: () => 'A service token needs both headers X-Tapis-Tenant and X-Tapis-User.',
  },
  WrongSite: {
    status: 401,
    older: 400,
    message: ({ siteId }) => `The service token or the tenant of the request does not belong to site '${siteId}'.`,
  },
  NotServiceAdmin: {
    status: 403,
    older: 400,
    message: ({ user }) => `X-Pods-Admin needs an admin role, which '${user}' does not have. Leave the header out.`,
  },
  NotAllowed: {
    status: 403,
    older: 400,
    message: ({ method, route, needs }) =>
      `Not authorized -- you do not have access to this endpoint. ${method} ${route} needs ${needs} on the pod.`,
  },
  PodNotFound: { status: 404, message: ({ podId }) => `Pod with identifier pod_id: '${podId}' not found` },
  UnknownRoute: {
    status: 404,
    message: ({ method, path }) => `No route of the Pods service matches ${method} ${path}. /openapi.json lists them.`,
  },
  MethodNotAllowed: {
    status: 405,
    message: ({ method, allow }) => `This path has no method ${method}, but ${allow.join(', ')}.`,
  },
  PodExists: {
    status: 409,
    older: 500,
    message: ({ podId }) => `Pod with identifier pod_id: '${podId}' already exists in this tenant. Choose another id.`,
  },
  PodNotStopped: {
    status: 409,
    older: 500,
    message: ({ status }) =>
      `Pod must be in 'STOPPED' status to run 'start_pod', it is in '${status}'. To run it anew use 'restart_pod'.`,
  },
  CommandIdReused: {
    status: 409,
    older: 400,
    message: () => 'This Idempotency-Key was used for another request. Take a new key for a new request.',
  },
  VersionMismatch: {
    status: 412,
    message: ({ expected, actual }) =>
      `The pod has changed: If-Match names version ${expected}, it is at ${actual}. Read it again before changing it.`,
  },
  NotOffered: { status: 501, message: ({ what }) => what },
  LogFull: {
    status: 507,
    message: () => 'There is no room for new pods or changes. Stops and deletions still work. Tell the operators.',
  },
  LogUnavailable: {
    status: 503,
    retryAfter: 2,
    message: () => 'The event log cannot be reached. Nothing was changed. Try again.',
  },
  OutcomeUnknown: {
    status: 503,
    retryAfter: 5,
    message: () =>
      'The event log did not confirm in time: the change may or may not have been made. Read the pod before trying again, or repeat the request with the same Idempotency-Key.',
  },
  NotVisibleYet: {
    status: 503,
    retryAfter: 2,
    message: () => 'The change was made but is not visible here yet. Read the pod in a moment.',
  },
  NewerThanMe: {
    status: 503,
    retryAfter: 30,
    message: () => 'A newer version of the service has changed this pod; this version may not. Try again.',
  },
  Busy: { status: 503, retryAfter: 2, message: () => 'The pod is being changed by too many others. Try again.' },
  NotServing: {
    status: 503,
    retryAfter: 2,
    message: () => 'This process does not know whether what it shows is current. Try again.',
  },
  ContainerLogsUnavailable: {
    status: 503,
    retryAfter: 5,
    message: () => 'The logs of the running container cannot be read now. Try again.',
  },
  IdentityUnavailable: {
    status: 503,
    retryAfter: 5,
    message: () => 'Tokens cannot be checked now: the tenants service cannot be reached. Try again.',
  },
  Unexpected: { status: 500, message: ({ requestId }) => `Unexpected error. Report it with the id ${requestId}.` },
};

/** How a refusal looks on the wire. */
export interface RenderedRefusal {
  readonly status: RefusalStatus;
  readonly message: string | readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Renders a refusal with the codes that the installation uses. */
export function renderRefusal(refusal: ApiRefusal, codes: ErrorCodes): RenderedRefusal {
  const row = table[refusal.code];
  return {
    status: codes === 'older' ? (row.older ?? row.status) : row.status,
    message: messageOf(refusal),
    headers: {
      ...(row.retryAfter === undefined ? {} : { 'Retry-After': String(row.retryAfter) }),
      ...(refusal.code === 'MethodNotAllowed' ? { Allow: refusal.allow.join(', ') } : {}),
      // The rest of the body is not read, so the connection is of no more use.
      ...(refusal.code === 'BodyTooLarge' ? { Connection: 'close' } : {}),
    },
  };
}

function messageOf<Code extends RefusalCode>(
  refusal: RefusalOf<Code> & { readonly code: Code },
): string | readonly string[] {
  return table[refusal.code].message(refusal);
}

/** Every code, for the spec that has a row for each. */
export const refusalCodes: readonly string[] = Object.keys(table);
