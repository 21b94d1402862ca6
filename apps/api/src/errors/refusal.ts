// Everything that the API may answer instead of what was asked for: a closed set of codes. What each looks like on
// the wire is in refusal-table.ts.
import type { Level } from '@pods/domain-pods';
import type { AuthenticationRefusal } from '@pods/identity';

export type ApiRefusal =
  | AuthenticationRefusal
  /** One line for each problem of body, query or headers. */
  | { readonly code: 'InvalidRequest'; readonly lines: readonly string[] }
  | { readonly code: 'BodyTooLarge'; readonly bytesMax: number }
  | { readonly code: 'DefinitionTooLarge'; readonly bytesMax: number }
  | { readonly code: 'NotServiceAdmin'; readonly user: string }
  | { readonly code: 'NotAllowed'; readonly method: string; readonly route: string; readonly needs: Level }
  | { readonly code: 'PodNotFound'; readonly podId: string }
  | { readonly code: 'UnknownRoute'; readonly method: string; readonly path: string }
  | { readonly code: 'MethodNotAllowed'; readonly method: string; readonly allow: readonly string[] }
  | { readonly code: 'PodExists'; readonly podId: string }
  | { readonly code: 'PodNotStopped'; readonly status: string }
  | { readonly code: 'CommandIdReused' }
  | { readonly code: 'VersionMismatch'; readonly expected: number; readonly actual: number }
  | { readonly code: 'NotOffered'; readonly what: string }
  | { readonly code: 'LogFull' }
  | { readonly code: 'LogUnavailable' }
  /** The event may have been stored. */
  | { readonly code: 'OutcomeUnknown' }
  /** The event was stored, but this process does not show it yet. */
  | { readonly code: 'NotVisibleYet' }
  | { readonly code: 'NewerThanMe' }
  | { readonly code: 'Busy' }
  /** This process does not know whether what it shows is current. */
  | { readonly code: 'NotServing' }
  | { readonly code: 'ContainerLogsUnavailable' }
  | { readonly code: 'IdentityUnavailable' }
  | { readonly code: 'Unexpected'; readonly requestId: string };

export type RefusalCode = ApiRefusal['code'];
export type RefusalOf<Code extends RefusalCode> = Extract<ApiRefusal, { code: Code }>;
