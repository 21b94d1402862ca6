// What an endpoint is: a function from a request that has passed the guard to a reply or a refusal. Endpoints know
// nothing of the HTTP framework.
import type { PodKey } from '@pods/contracts';
import type { LivePod } from '@pods/domain-pods';
import type { Caller } from '@pods/identity';
import type { ApiDeps } from '../deps.ts';
import type { ApiRefusal } from '../errors/refusal.ts';
import type { Operation, Route, routeTable } from './route-table.ts';

/** A request to a public route. */
export interface PublicRequest {
  readonly route: Route;
  readonly requestId: string;
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
}

/** A request whose caller is known. */
export interface CallerRequest extends PublicRequest {
  readonly caller: Caller;
  /** Known to be a service admin: the roles were asked, because it mattered. */
  readonly isServiceAdmin: boolean;
  /** The caller is a service admin and has asked to act as one (`X-Pods-Admin: true`). */
  readonly adminMode: boolean;
  /** Asks the roles, if they were not asked yet. */
  readonly askServiceAdmin: () => Promise<boolean>;
  /** The JSON body; empty for routes without one. */
  readonly body: object;
}

/** A request about one pod that the caller may use in this way. */
export interface PodRequest extends CallerRequest {
  readonly key: PodKey;
  /** As the replica had it when the request came in. */
  readonly pod: LivePod;
}

export interface Reply {
  readonly kind: 'reply';
  readonly message: string;
  readonly result: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Version of the pod, for `ETag`. */
  readonly version?: number;
  /** HTTP 200 with `status: "error"` (pods-api.md 1.4). */
  readonly softError?: boolean;
}

/** A reply that is no envelope. */
export interface RawReply {
  readonly kind: 'raw';
  readonly response: Response;
}

export interface Refused {
  readonly kind: 'refused';
  readonly refusal: ApiRefusal;
}

export type Outcome = Reply | RawReply | Refused;
type Handler<Request> = (request: Request, deps: ApiDeps) => Outcome | Promise<Outcome>;

export type Endpoint =
  | { readonly access: 'public'; readonly handle: Handler<PublicRequest> }
  | { readonly access: 'caller'; readonly handle: Handler<CallerRequest> }
  | { readonly access: 'pod'; readonly handle: Handler<PodRequest> };

type Row = (typeof routeTable)[number];
type AccessOf<Name extends Operation> = Extract<Row, { operation: Name }>['access']['kind'];

/** An endpoint for each row of the route table, of the kind that the row's access asks for. */
export type Endpoints = { readonly [Name in Operation]: Extract<Endpoint, { access: AccessOf<Name> }> };

export const refused = (refusal: ApiRefusal): Refused => ({ kind: 'refused', refusal });
